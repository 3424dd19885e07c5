import { type Clock, TunicError } from '@tunic/core';
import { isBusy, toStoreError } from './sqlite-error.ts';

/** How long to wait for a lock, and on which clock. */
export interface BusyPolicy {
  clock: Clock;
  random: () => number;
  busyTimeoutMs: number;
  signal?: AbortSignal;
}

const MIN_PAUSE_MS = 1;
const MAX_PAUSE_MS = 25;

/**
 * Runs `attempt` until it is not turned away by another process's lock. It sleeps between attempts on the clock
 * instead of in SQLite, whose own busy handler would block the event loop.
 *
 * @throws `ERR_TUNIC_STORE_BUSY` when the lock is still held after `busyTimeoutMs`; `ERR_TUNIC_STORE_FULL` and
 * `ERR_TUNIC_STORE` for what else the driver throws; the signal's reason
 */
export async function retryWhileBusy<T>(policy: BusyPolicy, attempt: () => T): Promise<T> {
  const { clock, random, busyTimeoutMs, signal } = policy;
  let deadline: number | undefined;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw toStoreError(error);
      const now = clock.monotonic();
      deadline ??= now + busyTimeoutMs;
      if (now >= deadline)
        throw new TunicError('ERR_TUNIC_STORE_BUSY', `the database stayed locked for ${busyTimeoutMs} ms`, {
          cause: error,
          retryable: true,
        });
      const pause = MIN_PAUSE_MS + random() * (MAX_PAUSE_MS - MIN_PAUSE_MS);
      await clock.sleep(Math.min(pause, deadline - now), signal);
    }
  }
}
