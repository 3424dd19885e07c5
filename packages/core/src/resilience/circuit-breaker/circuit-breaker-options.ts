import { checkFunction, checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { type Logger, silentLogger } from '../../logging/logger.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';
import { systemRandom } from '../../time/random.ts';
import type { Backoff } from '../retry/backoff.ts';
import { type CallWindow, CountWindow, TimeWindow } from './call-window.ts';
import type { CircuitBreakerOptions, CircuitBreakerSnapshot, CircuitStateChange, HalfOpenOptions } from './circuit-breaker-types.ts';
import type { Outcome } from '../run.ts';

/** {@link CircuitBreakerOptions} checked, with the defaults filled in; `Infinity` where there is no limit. */
export interface CircuitBreakerSettings {
  readonly failureRate: number;
  readonly consecutive: number;
  readonly slowMs: number;
  readonly slowRate: number;
  /** `undefined` when no rate counts. */
  readonly window: CallWindow | undefined;
  readonly minimumCalls: number;
  readonly openFor: Backoff;
  readonly halfOpen: HalfOpenSettings;
  readonly isFailure: ((outcome: Outcome<unknown>) => boolean) | undefined;
  readonly onStateChange: ((change: CircuitStateChange) => void) | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** {@link HalfOpenOptions}, likewise. */
export interface HalfOpenSettings {
  readonly concurrency: number;
  readonly successes: number;
  /** One more failed probe than this opens the circuit. */
  readonly failuresAllowed: number;
  readonly timeoutMs: number;
}

/** @throws `ERR_TUNIC_OPTION` for a bad option */
export function readCircuitBreakerOptions(options: CircuitBreakerOptions): CircuitBreakerSettings {
  const { consecutive, slowCall, isFailure, onStateChange, clock = systemClock } = options;
  const failureRate = options.failureRate ?? (consecutive === undefined && slowCall === undefined ? 0.5 : undefined);
  if (isFailure !== undefined) checkFunction('isFailure', isFailure);
  if (onStateChange !== undefined) checkFunction('onStateChange', onStateChange);
  const { window, size } = createWindow(options.window ?? { time: '30s' }, clock);
  return {
    failureRate: failureRate === undefined ? Infinity : checkRate('failureRate', failureRate),
    consecutive: consecutive === undefined ? Infinity : checkInteger('consecutive', consecutive, 1),
    slowMs: slowCall === undefined ? Infinity : toMilliseconds(slowCall.duration, 'slowCall.duration'),
    slowRate: slowCall === undefined ? Infinity : checkRate('slowCall.rate', slowCall.rate),
    window: failureRate === undefined && slowCall === undefined ? undefined : window,
    // More than the window can hold would keep the circuit closed for ever.
    minimumCalls: checkInteger('minimumCalls', options.minimumCalls ?? Math.min(10, size), 1, size),
    openFor: readOpenFor(options.openFor),
    halfOpen: readHalfOpen(options.halfOpen ?? {}),
    isFailure,
    onStateChange,
    clock,
    random: options.random ?? systemRandom,
    logger: options.logger ?? silentLogger,
  };
}

const MAX_WINDOW_CALLS = 1_000_000;

function createWindow(option: { calls?: number; time?: Duration }, clock: Clock): { window: CallWindow; size: number } {
  if (option.calls !== undefined) {
    const size = checkInteger('window.calls', option.calls, 1, MAX_WINDOW_CALLS);
    return { window: new CountWindow(size), size };
  }
  if (option.time === undefined) throw invalidOption('window', '{ calls } or { time }', option);
  const ms = toMilliseconds(option.time, 'window.time');
  if (ms === 0) throw invalidOption('window.time', 'more than 0 ms', option.time);
  return { window: new TimeWindow(ms, clock), size: Number.MAX_SAFE_INTEGER };
}

function readOpenFor(openFor: CircuitBreakerOptions['openFor'] = '30s'): Backoff {
  if (typeof openFor === 'function') return openFor;
  const ms = toMilliseconds(openFor, 'openFor');
  return () => ms;
}

function readHalfOpen(options: HalfOpenOptions): HalfOpenSettings {
  const successes = checkInteger('halfOpen.successes', options.successes ?? 1, 1);
  const timeoutMs = toMilliseconds(options.timeout ?? '30s', 'halfOpen.timeout');
  return {
    concurrency: checkInteger('halfOpen.concurrency', options.concurrency ?? 1, 1),
    successes,
    failuresAllowed: checkInteger('halfOpen.calls', options.calls ?? successes, successes) - successes,
    timeoutMs,
  };
}

function checkRate(name: string, rate: number): number {
  if (typeof rate === 'number' && rate > 0 && rate <= 1) return rate;
  throw invalidOption(name, 'a number above 0 and up to 1', rate);
}

/** Checks a snapshot that may have come from anywhere. */
export function checkSnapshot(snapshot: CircuitBreakerSnapshot): CircuitBreakerSnapshot {
  if (isSnapshot(snapshot)) return snapshot;
  throw invalidOption('state', 'what toJSON() gave', snapshot);
}

function isSnapshot(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value['window'])) return false;
  const { calls = '', buckets = [] } = value['window'];
  return (
    (value['state'] === 'closed' || value['state'] === 'open') &&
    [value['openings'], value['openForMs'], value['failuresInRow']].every(isCount) &&
    Number.isFinite(value['probeAt']) &&
    typeof calls === 'string' &&
    /^[0-3]*$/.test(calls) &&
    Array.isArray(buckets) &&
    buckets.every((bucket) => Array.isArray(bucket) && Number.isFinite(bucket[0]) && [1, 2, 3].every((at) => isCount(bucket[at])))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}
