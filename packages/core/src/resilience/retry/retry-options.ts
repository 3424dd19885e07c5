import { checkFunction, checkInteger } from '../../errors/invalid-option.ts';
import { isTunicError } from '../../errors/tunic-error.ts';
import { type Logger, silentLogger } from '../../logging/logger.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';
import { systemRandom } from '../../time/random.ts';
import { type Backoff, exponential } from './backoff.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Outcome } from '../run.ts';

/** What {@link RetryOptions.onRetry} learns. */
export interface RetryEvent<T> {
  /** How the attempt ended that will be repeated. */
  readonly outcome: Outcome<T>;
  /** Its number, from 1. */
  readonly attempt: number;
  /** How long the wait is that begins now. */
  readonly delayMs: number;
}

/** Options of {@link retry}. */
export interface RetryOptions<T> {
  /** Calls in all, the first included; `Infinity` is allowed. 3 by default. */
  attempts?: number;
  /** `exponential({ base: '100ms', max: '30s', jitter: 'full' })` by default. An error's `retryAfterMs` makes a wait longer. */
  backoff?: Backoff;
  /**
   * Whether to try again after this outcome, which is `{ error }` or `{ value }`. By default after every error, but
   * neither a `TunicError` with `retryable: false` nor the reason of the caller's abort. When it throws, that is what
   * the caller gets.
   */
  retryIf?: (outcome: Outcome<T>, attempt: number) => boolean;
  /** Each attempt fails with `ERR_TUNIC_TIMEOUT` after this time, or when `maxElapsed` ends if that is sooner. */
  attemptTimeout?: Duration;
  /** No attempt starts and no wait goes on past this time from the start; what the last attempt ended with counts then. */
  maxElapsed?: Duration;
  /** Shared among calls: each pays in, each further attempt takes a token, and without one this attempt was the last. */
  budget?: RetryBudget | undefined;
  /** Called before each wait. What it throws goes to `logger`. */
  onRetry?: (event: RetryEvent<T>) => void;
  /**
   * Gets each value that nobody will see: of an attempt that is repeated, that came after `attemptTimeout`, or that an
   * abort cut off. What it throws goes to `logger`.
   */
  onDiscard?: (value: T) => void;
  /** Ends a wait at once and keeps further attempts from starting. A value that comes in spite of it is returned. */
  signal?: AbortSignal | undefined;
  clock?: Clock;
  random?: () => number;
  logger?: Logger;
}

/** {@link RetryOptions} checked, with the defaults filled in. */
export interface RetrySettings<T> {
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly retryIf: ((outcome: Outcome<T>, attempt: number) => boolean) | undefined;
  readonly attemptTimeoutMs: number;
  readonly maxElapsedMs: number;
  readonly budget: RetryBudget | undefined;
  readonly onRetry: ((event: RetryEvent<T>) => void) | undefined;
  readonly onDiscard: ((value: T) => void) | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const DEFAULT_BACKOFF = exponential({ base: '100ms', max: '30s', jitter: 'full' });

/** @throws `ERR_TUNIC_OPTION` for a bad option */
export function readRetryOptions<T>(options: Omit<RetryOptions<T>, 'signal'>): RetrySettings<T> {
  const { attempts = 3, backoff = DEFAULT_BACKOFF, retryIf, attemptTimeout, maxElapsed, budget, onRetry, onDiscard } = options;
  if (attempts !== Infinity) checkInteger('attempts', attempts, 1);
  checkFunction('backoff', backoff);
  if (retryIf !== undefined) checkFunction('retryIf', retryIf);
  if (budget !== undefined) checkFunction('budget.tryWithdraw', (budget as Partial<RetryBudget> | null)?.tryWithdraw);
  if (onRetry !== undefined) checkFunction('onRetry', onRetry);
  if (onDiscard !== undefined) checkFunction('onDiscard', onDiscard);
  return {
    attempts,
    backoff,
    retryIf,
    attemptTimeoutMs: attemptTimeout === undefined ? Infinity : toMilliseconds(attemptTimeout, 'attemptTimeout'),
    maxElapsedMs: maxElapsed === undefined ? Infinity : toMilliseconds(maxElapsed, 'maxElapsed'),
    budget,
    onRetry,
    onDiscard,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    logger: options.logger ?? silentLogger,
  };
}

/** The default of {@link RetryOptions.retryIf}. */
export function isWorthRetrying(outcome: Outcome<unknown>, signal: AbortSignal | undefined): boolean {
  if (!('error' in outcome)) return false;
  if (signal?.aborted === true && outcome.error === signal.reason) return false;
  return !isTunicError(outcome.error) || outcome.error.retryable;
}
