import type { Middleware } from '../../compose/compose.ts';
import { repeatable } from '../../compose/repeatable.ts';
import { invalidOption } from '../../errors/invalid-option.ts';
import { type LayerSignal, signalFor } from '../layer-signal.ts';
import { raceDeadline } from '../timeout/race-deadline.ts';
import { readRetryOptions, type RetryOptions, type RetrySettings } from './retry-options.ts';
import { discard, hasTime, planRetry, type RetrySeries, startSeries } from './retry-plan.ts';
import { AttemptRun, type Operation, type Outcome } from '../run.ts';

/** Options of {@link retryLayer}: for a limit on each attempt, put a `timeoutLayer` inside. */
export interface RetryLayerOptions<C, R> extends Omit<RetryOptions<R>, 'signal' | 'attemptTimeout'> {
  signal?: LayerSignal<C> | undefined;
}

const DEFAULTS: RetrySettings<unknown> = readRetryOptions({});

/**
 * Calls an operation until it succeeds, at most `attempts` times, with a wait before each further call. The error of the
 * last attempt comes back unchanged.
 *
 * @throws (rejects) the last error; the signal's reason when it aborts before an attempt or during a wait;
 * `ERR_TUNIC_TIMEOUT` when the last attempt took longer than `attemptTimeout`; `ERR_TUNIC_OPTION` for a bad option, or
 * when `backoff` returns no duration
 * @example
 * ```ts
 * import { constant, retry } from '@tunic/core';
 *
 * let calls = 0;
 * const value = await retry(
 *   ({ attempt }) => {
 *     if (++calls < 3) throw new Error(`attempt ${attempt} failed`);
 *     return 'done';
 *   },
 *   { attempts: 5, backoff: constant('1ms') },
 * ); // 'done'
 * ```
 */
export function retry<T>(operation: Operation<T>, options?: RetryOptions<T>): Promise<T> {
  if (options === undefined) return runAttempts(operation, DEFAULTS as RetrySettings<T>, undefined);
  try {
    return runAttempts(operation, readRetryOptions(options), options.signal);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * A function that takes the same arguments as `fn` and retries it as {@link retry} does.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { withRetry } from '@tunic/core';
 *
 * const parse = withRetry((text: string): unknown => JSON.parse(text), { attempts: 2 });
 * await parse('[1]'); // [1]
 * ```
 */
export function withRetry<This, A extends unknown[], T>(
  fn: (this: This, ...args: A) => T | PromiseLike<T>,
  options: RetryOptions<T> = {},
): (this: This, ...args: A) => Promise<T> {
  const settings = readRetryOptions(options);
  return function (...args) {
    return runAttempts(() => fn.apply(this, args), settings, options.signal);
  };
}

/**
 * A layer that runs everything inside it again when it fails, as {@link retry} does.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { compose, constant, retryLayer } from '@tunic/core';
 *
 * let calls = 0;
 * const call = compose<object, string>([
 *   retryLayer({ backoff: constant(0) }),
 *   () => {
 *     if (++calls < 2) throw new Error('not yet');
 *     return 'done';
 *   },
 * ]);
 * await call({}); // 'done'
 * ```
 */
export function retryLayer<C, R = unknown>(options: RetryLayerOptions<C, R> = {}): Middleware<C, R> {
  const { attemptTimeout } = options as RetryOptions<R>;
  // An attempt that was given up is still under way, and `next` must not be called while it is.
  if (attemptTimeout !== undefined) throw invalidOption('attemptTimeout', 'a timeoutLayer inside instead', attemptTimeout);
  const settings = readRetryOptions(options);
  return repeatable<Middleware<C, R>>((context, next) => runAttempts(next, settings, signalFor(options.signal, context)));
}

async function runAttempts<T>(operation: Operation<T>, settings: RetrySettings<T>, signal: AbortSignal | undefined): Promise<T> {
  signal?.throwIfAborted();
  const series = startSeries(settings, signal);
  for (let attempt = 1; ; attempt++) {
    let outcome: Outcome<T>;
    try {
      const value = await startAttempt(operation, series, attempt);
      if (settings.retryIf === undefined) return value;
      outcome = { value };
    } catch (error) {
      outcome = { error };
    }
    if (await pauseBeforeNext(series, outcome, attempt)) continue;
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }
}

function startAttempt<T>(operation: Operation<T>, series: RetrySeries<T>, attempt: number): T | PromiseLike<T> {
  const { settings, signal, deadlineMs } = series;
  const { clock, attemptTimeoutMs } = settings;
  if (attemptTimeoutMs === Infinity) return operation(new AttemptRun(attempt, signal, { clock, deadlineMs, limited: false }));
  const startMs = clock.monotonic();
  const ms = Math.max(0, Math.min(attemptTimeoutMs, deadlineMs - startMs));
  const run = new AttemptRun(attempt, signal, { clock, deadlineMs: startMs + ms, limited: true });
  const late = (outcome: Outcome<T>): void => discard(settings, outcome);
  // The signal does not end the race: what the attempt still achieves counts.
  return raceDeadline(operation, run, { clock, ms, signal: undefined, fallback: undefined, late });
}

/** Waits before another attempt. `false`: there is none, and this outcome is the last. */
async function pauseBeforeNext<T>(series: RetrySeries<T>, outcome: Outcome<T>, attempt: number): Promise<boolean> {
  const { settings, signal } = series;
  try {
    const delayMs = planRetry(series, outcome, attempt);
    if (delayMs === undefined) return false;
    await settings.clock.sleep(delayMs, signal);
    if (!hasTime(series, 0)) return false;
  } catch (error) {
    discard(settings, outcome);
    throw error;
  }
  discard(settings, outcome);
  return true;
}
