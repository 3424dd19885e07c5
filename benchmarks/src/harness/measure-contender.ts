import type { Contender } from './contender.ts';
import type { Measurement } from './measurement.ts';

/** Warms a contender up, measures one run, lets it prove that the run did its work, and closes it. */
export async function measureContender(contender: Contender, ops: number, warmUpOps: number): Promise<Measurement> {
  try {
    return await measure(contender, ops, warmUpOps);
  } finally {
    await contender.close?.();
  }
}

async function measure(contender: Contender, ops: number, warmUpOps: number): Promise<Measurement> {
  await contender.prepare?.(warmUpOps);
  await contender.run(warmUpOps);
  await contender.prepare?.(ops);
  // What the warm-up left behind is not this run's.
  globalThis.gc?.();
  const cpuBefore = process.cpuUsage();
  const wallBefore = process.hrtime.bigint();
  await contender.run(ops);
  const wall = process.hrtime.bigint() - wallBefore;
  const cpu = process.cpuUsage(cpuBefore);
  await contender.check();
  return { cpuNs: ((cpu.user + cpu.system) * 1_000) / ops, wallNs: Number(wall) / ops };
}
