import { availableParallelism, cpus, loadavg } from 'node:os';

/** How busy the machine is: running processes, over the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** One line on the machine, and a warning where others used it too. */
export function describeMachine(before: number, after: number): string[] {
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const line = `Node ${process.versions.node}, ${cores} × ${model}, load ${before.toFixed(1)} before, ${after.toFixed(1)} after`;
  // A measured process is itself a load of about one, and a little more while it collects garbage.
  const busy = before > cores / 2 || after > Math.max(2, cores);
  return busy ? [line, 'WARNING: the machine is busy; do not rely on these figures'] : [line];
}
