import { checkFunction } from '../../errors/invalid-option.ts';
import { readRetryOptions, type RetryOptions } from './retry-options.ts';
import { discard, hasTime, planRetry, startSeries } from './retry-plan.ts';
import type { Outcome } from '../run.ts';

/** Options of {@link retrySync}. */
export interface RetrySyncOptions<T> extends Omit<RetryOptions<T>, 'attemptTimeout' | 'signal'> {
  /**
   * Blocks for so many milliseconds before each further call. Without it there is no wait and `backoff` has no say: a
   * wait stops the whole event loop.
   */
  wait?: (ms: number) => void;
}

/**
 * Calls a synchronous function until it succeeds, at most `attempts` times, as `retry` does for asynchronous ones.
 *
 * @throws the last error, unchanged; what `retryIf` or `wait` throws; `ERR_TUNIC_OPTION` for a bad option, or when
 * `backoff` returns no duration
 * @example
 * ```ts
 * import { retrySync } from '@tunic/core';
 *
 * const value = retrySync(
 *   (attempt) => {
 *     if (attempt < 3) throw new Error('busy');
 *     return `attempt ${attempt}`;
 *   },
 *   { attempts: 3, wait: (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms / 100) },
 * ); // 'attempt 3'
 * ```
 */
export function retrySync<T>(operation: (attempt: number) => T, options: RetrySyncOptions<T> = {}): T {
  const { wait } = options;
  if (wait !== undefined) checkFunction('wait', wait);
  const series = startSeries(readRetryOptions(options), undefined, wait !== undefined);
  for (let attempt = 1; ; attempt++) {
    const outcome = call(operation, attempt);
    let again = false;
    try {
      const delayMs = planRetry(series, outcome, attempt);
      again = delayMs !== undefined && waitedInTime(delayMs);
    } catch (error) {
      discard(series.settings, outcome);
      throw error;
    }
    if (again) discard(series.settings, outcome);
    else if ('error' in outcome) throw outcome.error;
    else return outcome.value;
  }

  function waitedInTime(delayMs: number): boolean {
    wait?.(delayMs);
    return hasTime(series, 0);
  }
}

function call<T>(operation: (attempt: number) => T, attempt: number): Outcome<T> {
  try {
    return { value: operation(attempt) };
  } catch (error) {
    return { error };
  }
}
