import { setImmediate as turn } from 'node:timers/promises';

const DEADLINE_MS = 8_000;

/** Waits for a condition, one turn of the event loop after the other, and fails by name at the deadline. */
export async function until(condition: () => boolean, what: () => string = () => condition.toString()): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what()}`);
    await turn();
  }
}
