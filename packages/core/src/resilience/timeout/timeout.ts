import type { Middleware } from '../../compose/compose.ts';
import { checkFunction, invalidOption } from '../../errors/invalid-option.ts';
import type { TunicError } from '../../errors/tunic-error.ts';
import { callHook, type Logger, silentLogger } from '../../logging/logger.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';
import { type LayerSignal, signalFor } from '../layer-signal.ts';
import { raceDeadline, timeoutError } from './race-deadline.ts';
import { AttemptRun, type Operation, type Outcome } from '../run.ts';

/** Options of {@link timeout}. */
export interface TimeoutOptions<T> {
  /**
   * `race` (the default): settles the moment the time is up or the signal aborts, whatever the operation does.
   * `cooperative`: aborts `run.signal` and waits for the operation to end; a value that it still returns is returned.
   */
  mode?: 'race' | 'cooperative';
  /** Stands in for the time-out error. It is called after `run.signal` has aborted. */
  fallback?: (error: TunicError) => T | PromiseLike<T>;
  /** Gets what came too late to be returned or thrown. What it throws goes to `logger`. */
  onLate?: (outcome: Outcome<T>) => void;
  /** Calls the operation off: rejects with its reason, which is never reported as a time-out. */
  signal?: AbortSignal | undefined;
  clock?: Clock;
  logger?: Logger;
}

/** Options of {@link timeoutLayer}. */
export interface TimeoutLayerOptions<C, R> extends Omit<TimeoutOptions<R>, 'signal'> {
  signal?: LayerSignal<C> | undefined;
}

const MODES: readonly string[] = ['race', 'cooperative'];

type Settings<T> = Omit<TimeoutOptions<T>, 'signal'> & { readonly ms: number; readonly clock: Clock };

/**
 * Runs an operation that must end within `duration`; otherwise aborts `run.signal` and rejects with `ERR_TUNIC_TIMEOUT`
 * (retryable).
 *
 * @throws (rejects) `ERR_TUNIC_TIMEOUT`; the signal's reason when it aborts, without a call when it was aborted before;
 * `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { systemClock, timeout } from '@tunic/core';
 *
 * const value = await timeout(({ signal }) => systemClock.sleep('1s', signal).then(() => 'slow'), '5ms', {
 *   fallback: () => 'quick',
 * }); // 'quick'
 * ```
 */
export function timeout<T>(operation: Operation<T>, duration: Duration, options: TimeoutOptions<T> = {}): Promise<T> {
  try {
    return limit(operation, readOptions(duration, options), options.signal);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * A layer that gives everything inside it `duration` to end.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option; its calls reject as {@link timeout} does
 * @example
 * ```ts
 * import { compose, timeoutLayer } from '@tunic/core';
 *
 * await compose<object, string>([timeoutLayer('5s'), () => 'in time'])({}); // 'in time'
 * ```
 */
export function timeoutLayer<C, R = unknown>(duration: Duration, options: TimeoutLayerOptions<C, R> = {}): Middleware<C, R> {
  const settings = readOptions(duration, options);
  return (context, next) => limit(next, settings, signalFor(options.signal, context));
}

function readOptions<T>(duration: Duration, options: Omit<TimeoutOptions<T>, 'signal'>): Settings<T> {
  const { mode = 'race', fallback, onLate, clock = systemClock, logger = silentLogger } = options;
  if (!MODES.includes(mode)) throw invalidOption('mode', "'race' or 'cooperative'", mode);
  if (fallback !== undefined) checkFunction('fallback', fallback);
  if (onLate !== undefined) checkFunction('onLate', onLate);
  return { ...options, ms: toMilliseconds(duration), clock, logger };
}

function limit<T>(operation: Operation<T>, settings: Settings<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  const { clock, ms, fallback } = settings;
  const run = new AttemptRun(1, signal, { clock, deadlineMs: clock.monotonic() + ms, limited: true });
  if (settings.mode === 'cooperative') return cooperate(operation, run, { settings, signal });
  return raceDeadline(operation, run, { clock, ms, signal, fallback, late: (outcome) => reportLate(settings, outcome) });
}

async function cooperate<T>(
  operation: Operation<T>,
  run: AttemptRun,
  { settings, signal }: { settings: Settings<T>; signal: AbortSignal | undefined },
): Promise<T> {
  const { clock, ms, fallback } = settings;
  let expired: TunicError | undefined;
  const timer = clock.setTimeout(() => {
    if (signal?.aborted === true) return;
    expired = timeoutError(ms);
    run.abort(expired);
  }, ms);
  try {
    return await operation(run);
  } catch (error) {
    const reason = reasonOf(expired, signal, error);
    if (reason !== error) reportLate(settings, { error });
    if (expired !== undefined && fallback !== undefined) return await fallback(expired);
    throw reason;
  } finally {
    clock.clearTimeout(timer);
    run.end();
  }
}

/** The time-out, if it came first; else the caller's abort; else the operation's own error. */
function reasonOf(expired: TunicError | undefined, signal: AbortSignal | undefined, error: unknown): unknown {
  return expired ?? (signal?.aborted === true ? signal.reason : error);
}

function reportLate<T>({ onLate, logger = silentLogger }: Settings<T>, outcome: Outcome<T>): void {
  if (onLate !== undefined) callHook(logger, 'onLate', () => onLate(outcome));
}
