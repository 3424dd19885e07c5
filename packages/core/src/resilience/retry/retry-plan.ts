import { callHook } from '../../logging/logger.ts';
import { toMilliseconds } from '../../time/duration.ts';
import { isWorthRetrying, type RetrySettings } from './retry-options.ts';
import type { Outcome } from '../run.ts';

/** All attempts of one call. */
export interface RetrySeries<T> {
  readonly settings: RetrySettings<T>;
  readonly signal: AbortSignal | undefined;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  /** Whether a wait is possible between attempts. */
  readonly waits: boolean;
  /** What `backoff` gave last. */
  delayMs: number;
}

/** Begins a call, which pays into its budget. */
export function startSeries<T>(settings: RetrySettings<T>, signal: AbortSignal | undefined, waits = true): RetrySeries<T> {
  const { clock, maxElapsedMs, budget } = settings;
  budget?.deposit();
  const deadlineMs = maxElapsedMs === Infinity ? Infinity : clock.monotonic() + maxElapsedMs;
  return { settings, signal, deadlineMs, waits, delayMs: 0 };
}

/** Whether `ms` from now the call may still go on. */
export function hasTime({ settings, deadlineMs }: RetrySeries<never>, ms: number): boolean {
  return deadlineMs === Infinity || settings.clock.monotonic() + ms < deadlineMs;
}

/** How long to wait before another attempt, announced to `onRetry`. `undefined`: there is none, and this outcome is the last. */
export function planRetry<T>(series: RetrySeries<T>, outcome: Outcome<T>, attempt: number): number | undefined {
  const { settings, signal } = series;
  const { retryIf, onRetry, logger, budget } = settings;
  if (attempt >= settings.attempts) return undefined;
  if (!(retryIf === undefined ? isWorthRetrying(outcome, signal) : retryIf(outcome, attempt))) return undefined;
  signal?.throwIfAborted();
  const delayMs = series.waits ? nextDelayMs(series, outcome, attempt) : 0;
  if (!hasTime(series, delayMs) || budget?.tryWithdraw() === false) return undefined;
  if (onRetry !== undefined) callHook(logger, 'onRetry', () => onRetry({ outcome, attempt, delayMs }));
  return delayMs;
}

function nextDelayMs<T>(series: RetrySeries<T>, outcome: Outcome<T>, attempt: number): number {
  const { backoff, random } = series.settings;
  series.delayMs = toMilliseconds(backoff(attempt, series.delayMs, random), 'backoff');
  return Math.max(series.delayMs, retryAfterMs(outcome));
}

function retryAfterMs({ error }: Outcome<unknown>): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  const { retryAfterMs } = error;
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 && retryAfterMs < Infinity ? retryAfterMs : 0;
}

/** Hands over a value that nobody will see. */
export function discard<T>({ onDiscard, logger }: RetrySettings<T>, outcome: Outcome<T>): void {
  if (onDiscard !== undefined && !('error' in outcome)) callHook(logger, 'onDiscard', () => onDiscard(outcome.value));
}
