import { invalidOption } from '../../errors/invalid-option.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';

/**
 * How long to wait after a failed attempt, in milliseconds. A pure function: the number of the attempt that failed (from
 * 1), the wait that this function gave before that attempt (0 for the first), and the source of chance, which returns
 * numbers in [0, 1).
 */
export type Backoff = (attempt: number, previousMs: number, random: () => number) => number;

/**
 * Spreads out callers that failed together. Of a wait `d`: `none` is `d`, `full` is anywhere in [0, d], `equal` in
 * [d/2, d]. `decorrelated` is anywhere from `base` to `factor` times the wait before, and never above `max`.
 *
 * Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated';

/** Options of {@link linear}. */
export interface LinearOptions {
  /** The first wait; `'100ms'` by default. */
  base?: Duration;
  /** What each further wait adds; `base` by default. */
  step?: Duration;
  /** The longest wait; `'30s'` by default. */
  max?: Duration;
  /** `'none'` by default. */
  jitter?: Exclude<Jitter, 'decorrelated'>;
}

/** Options of {@link exponential}. */
export interface ExponentialOptions {
  /** The first wait; `'100ms'` by default. */
  base?: Duration;
  /** By what each further wait grows, at least 1; 2 by default, 3 with `decorrelated`. */
  factor?: number;
  /** The longest wait; `'30s'` by default. */
  max?: Duration;
  /** `'full'` by default. */
  jitter?: Jitter;
}

/**
 * Always the same wait.
 *
 * @throws `ERR_TUNIC_OPTION` when it is no duration
 * @example
 * ```ts
 * import { constant, retry } from '@tunic/core';
 *
 * await retry(() => 'done', { backoff: constant('10ms') });
 * ```
 */
export function constant(duration: Duration): Backoff {
  const ms = toMilliseconds(duration);
  return () => ms;
}

/**
 * Waits that grow by the same step each time up to `max`; the cap comes first, then the jitter.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option, also when `max` is less than `base`
 * @example
 * ```ts
 * import { linear } from '@tunic/core';
 *
 * const backoff = linear({ base: '1s', step: '500ms', max: '2s' });
 * [1, 2, 3, 4].map((attempt) => backoff(attempt, 0, Math.random)); // [1000, 1500, 2000, 2000]
 * ```
 */
export function linear(options: LinearOptions = {}): Backoff {
  const { baseMs, maxMs } = bounds(options);
  const stepMs = options.step === undefined ? baseMs : toMilliseconds(options.step, 'step');
  const spread = SPREADS[checkJitter(options.jitter ?? 'none', ['none', 'full', 'equal'])];
  return (attempt, _previousMs, random) => spread(Math.min(maxMs, baseMs + atMost(stepMs * stepsAfterFirst(attempt))), random);
}

/**
 * Waits that grow by a factor each time up to `max`; the cap comes first, then the jitter, so that callers stay spread
 * out at the cap too.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option, also when `max` is less than `base`
 * @example
 * ```ts
 * import { exponential } from '@tunic/core';
 *
 * const backoff = exponential({ base: '1s', max: '5s', jitter: 'none' });
 * [1, 2, 3, 4].map((attempt) => backoff(attempt, 0, Math.random)); // [1000, 2000, 4000, 5000]
 * ```
 */
export function exponential(options: ExponentialOptions = {}): Backoff {
  const { baseMs, maxMs } = bounds(options);
  const jitter = checkJitter(options.jitter ?? 'full', ['none', 'full', 'equal', 'decorrelated']);
  const factor = options.factor ?? (jitter === 'decorrelated' ? 3 : 2);
  if (!(factor >= 1 && factor < Infinity)) throw invalidOption('factor', 'a number ≥ 1', factor);
  if (jitter === 'decorrelated') {
    return (_attempt, previousMs, random) => {
      const top = previousMs > baseMs ? Math.min(maxMs, previousMs * factor) : Math.min(maxMs, baseMs * factor);
      return Math.min(top, baseMs + random() * (top - baseMs));
    };
  }
  const spread = SPREADS[jitter];
  return (attempt, _previousMs, random) => spread(Math.min(maxMs, baseMs * atMost(factor ** stepsAfterFirst(attempt))), random);
}

const SPREADS: Readonly<Record<Exclude<Jitter, 'decorrelated'>, (ms: number, random: () => number) => number>> = {
  none: (ms) => ms,
  full: (ms, random) => ms * random(),
  equal: (ms, random) => ms / 2 + (ms / 2) * random(),
};

function bounds(options: { base?: Duration; max?: Duration }): { baseMs: number; maxMs: number } {
  const baseMs = toMilliseconds(options.base ?? '100ms', 'base');
  const maxMs = options.max === undefined ? Math.max(30_000, baseMs) : toMilliseconds(options.max, 'max');
  if (maxMs < baseMs) throw invalidOption('max', `at least base (${baseMs} ms)`, options.max);
  return { baseMs, maxMs };
}

function checkJitter<J extends Jitter>(jitter: J, allowed: readonly Jitter[]): J {
  if (allowed.includes(jitter)) return jitter;
  throw invalidOption('jitter', `one of ${allowed.join(', ')}`, jitter);
}

/** Finite also for attempts that nobody could make: `0 * Infinity` and `1 ** Infinity` are NaN. */
function stepsAfterFirst(attempt: number): number {
  return attempt > 1 ? Math.min(attempt - 1, Number.MAX_SAFE_INTEGER) : 0;
}

function atMost(value: number): number {
  return Math.min(value, Number.MAX_VALUE);
}
