import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { readRate } from '../../limits/rate-limit/rate.ts';
import { systemClock } from '../../time/clock.ts';
import { toMilliseconds } from '../../time/duration.ts';
import { TaskPoolRunner } from './task-pool-runner.ts';
import type { TaskPool, TaskPoolOptions } from './task-pool-types.ts';

/**
 * Creates a pool that runs functions a few at a time, in order of priority.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { createTaskPool } from '@tunic/core';
 *
 * const pool = createTaskPool({ concurrency: 2, maxQueue: 1_000, rate: '100/s' });
 * const pages = [1, 2, 3].map((page) => pool.add(async () => `page ${page}`, { timeout: '5s' }));
 * const urgent = pool.add(({ signal }) => (signal.aborted ? 'too late' : 'first of those that wait'), { priority: -1 });
 * await Promise.all([...pages, urgent]);
 * await pool.close();
 * ```
 */
export function createTaskPool(options: TaskPoolOptions): TaskPool {
  const { concurrency, maxQueue = Infinity, overflow = 'reject', aging, rate, key, timeout, clock = systemClock } = options;
  checkLimit('concurrency', concurrency, 1);
  checkLimit('maxQueue', maxQueue, 0);
  if (!OVERFLOWS.includes(overflow)) throw invalidOption('overflow', "'reject', 'drop-oldest' or 'drop-lowest'", overflow);
  const agingMs = aging === undefined ? Infinity : toMilliseconds(aging, 'aging');
  if (agingMs === 0) throw invalidOption('aging', 'a duration above 0', aging);
  return new TaskPoolRunner(concurrency, {
    maxQueue,
    overflow,
    agingMs,
    window: rate === undefined ? undefined : readRate(rate, 'rate'),
    perKey: key === undefined ? Infinity : checkLimit('key.concurrency', key.concurrency, 1),
    timeoutMs: timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout'),
    clock,
  });
}

const OVERFLOWS: readonly string[] = ['reject', 'drop-oldest', 'drop-lowest'];

function checkLimit(name: string, value: number, min: number): number {
  return value === Infinity ? value : checkInteger(name, value, min);
}
