import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { Duration } from '../../time/duration.ts';
import type { Backoff } from '../retry/backoff.ts';
import type { Operation, Outcome } from '../run.ts';

/**
 * `closed`: calls go through and are counted. `open`: they are refused. `half-open`: a few go through as probes.
 * `isolated`: they are refused until who isolated the circuit ends that.
 */
export type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated';

/** What {@link CircuitBreakerOptions.onStateChange} learns. */
export interface CircuitStateChange {
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** How long the circuit now stays open; 0 in every other state. */
  readonly openForMs: number;
}

/** How a half-open circuit finds out whether it may close. */
export interface HalfOpenOptions {
  /** How many probes run at a time, 1 by default; further calls are refused. */
  concurrency?: number;
  /** How many probes must succeed before the circuit closes; 1 by default. */
  successes?: number;
  /** Out of how many; `successes` by default, so that one failed probe opens the circuit again. */
  calls?: number;
  /** A probe that takes longer gives its place to another, `'30s'` by default; how it ends still counts. */
  timeout?: Duration;
}

/** Options of {@link createCircuitBreaker}. */
export interface CircuitBreakerOptions {
  /**
   * The share of failed calls in the window, above 0 and up to 1, from which the circuit opens; 0.5 by default unless
   * `consecutive` or `slowCall` is given.
   */
  failureRate?: number;
  /** How many failures in a row open the circuit, whatever the window holds. */
  consecutive?: number;
  /** Opens the circuit from this share of calls in the window that took `duration` or longer; a probe as slow fails. */
  slowCall?: { duration: Duration; rate: number };
  /**
   * What the rates are taken over: the last `calls`, or what ended within the last `time`, which moves on in tenths;
   * `{ time: '30s' }` by default.
   */
  window?: { calls: number } | { time: Duration };
  /** No rate counts before so many calls are in the window; 10 by default, or the whole window if that is smaller. */
  minimumCalls?: number;
  /**
   * How long the circuit stays open, `'30s'` by default. A backoff gets how many times it has opened since it was last
   * closed, and how long it was open before.
   */
  openFor?: Duration | Backoff;
  halfOpen?: HalfOpenOptions;
  /** Whether a call failed; by default, whether it threw. When it throws itself, that is what the caller gets. */
  isFailure?: (outcome: Outcome<unknown>) => boolean;
  /** Called after each change. What it throws goes to `logger`. */
  onStateChange?: (change: CircuitStateChange) => void;
  /** What {@link CircuitBreaker.toJSON} gave, perhaps in another process. */
  state?: CircuitBreakerSnapshot | undefined;
  clock?: Clock;
  random?: () => number;
  logger?: Logger;
}

/** A bucket of a time window: when it began (milliseconds since the epoch), its calls, failures and slow calls. */
export type WindowBucket = readonly [beganAt: number, calls: number, failures: number, slow: number];

/** What a window holds, as JSON: the one or the other, after its kind. */
export interface WindowSnapshot {
  /** Oldest first, one digit for each call: 1 for a failure, plus 2 for a slow one. */
  readonly calls?: string;
  /** Oldest first. */
  readonly buckets?: readonly WindowBucket[];
}

/** All that a circuit breaker knows, as JSON. */
export interface CircuitBreakerSnapshot {
  /** A half-open circuit is saved as an open one whose time is up, an isolated one as closed. */
  readonly state: 'closed' | 'open';
  /** How many times it has opened since it was last closed. */
  readonly openings: number;
  /** How long it was opened for, the last time. */
  readonly openForMs: number;
  /** When an open circuit lets the first probe through, in milliseconds since the epoch. */
  readonly probeAt: number;
  readonly failuresInRow: number;
  readonly window: WindowSnapshot;
}

/** Keeps a circuit open until it is released. */
export interface CircuitIsolation extends Disposable {
  /** Closes the circuit, if nobody else isolates it. Further calls do nothing. */
  release(): void;
}

/** Refuses calls to something that fails too much, until a probe shows that it works again. */
export interface CircuitBreaker {
  /** An open circuit becomes half-open with the first call after its time, not by itself. */
  readonly state: CircuitState;
  /**
   * Runs an operation, or refuses it. How a call ends counts only while the circuit is in the same phase as when it began;
   * a failure after the caller aborted never counts.
   *
   * @throws (rejects) what the operation throws, unchanged; `ERR_TUNIC_CIRCUIT_OPEN` (retryable, with `retryAfterMs`
   * while the circuit is open) without calling it; the signal's reason when it was aborted before; `ERR_TUNIC_OPTION`
   * when the backoff of `openFor` returns no duration
   */
  run<T>(operation: Operation<T>, options?: { signal?: AbortSignal | undefined }): Promise<T>;
  /** Refuses all calls from now on, until everyone who isolated the circuit has released it; it is closed then. */
  isolate(): CircuitIsolation;
  /** Closes the circuit, forgets all calls so far, those under way included, and ends every isolation. */
  reset(): void;
  toJSON(): CircuitBreakerSnapshot;
}
