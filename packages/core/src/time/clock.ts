import { onAbort } from '../internal/abort-hub.ts';
import { type Duration, toMilliseconds } from './duration.ts';

/** What {@link Clock.setTimeout} returns and {@link Clock.clearTimeout} takes; nothing else may be done with it. */
export type Timer = object | number;

/**
 * The only source of time in the SDK. Everything that waits takes one, so that a test can put a virtual clock in.
 */
export interface Clock {
  /** Wall clock: milliseconds since the Unix epoch. It may be set back or forward while the program runs. */
  now(): number;
  /** Milliseconds from an arbitrary start, with fractions. Never goes back; use it to measure. */
  monotonic(): number;
  /**
   * Calls `run` once, `ms` from now. Any length is honoured, also beyond the 2^31-1 ms of the platform; a negative or
   * broken one counts as 0, and an infinite one never comes. With `unref`, the timer alone does not keep the process
   * alive.
   */
  setTimeout(run: () => void, ms: number, options?: { unref?: boolean }): Timer;
  /** Drops a timer. A timer that has fired or was dropped before is ignored. */
  clearTimeout(timer: Timer): void;
  /**
   * Resolves after `duration`. Rejects at once with the signal's reason when `signal` aborts, and leaves no timer or
   * listener behind either way.
   */
  sleep(duration: Duration, signal?: AbortSignal): Promise<void>;
}

const MAX_NATIVE_MS = 2 ** 31 - 1;

type NativeTimer = ReturnType<typeof setTimeout>;

function startNative(run: () => void, ms: number, unref: boolean): NativeTimer {
  const timer = setTimeout(run, ms);
  // Browsers and workers return a number, which has nothing to unreference.
  if (unref && typeof timer === 'object') timer.unref();
  return timer;
}

/** A chain of native timers: the platform fires anything above 2^31-1 ms at once. */
class LongTimer {
  #native: NativeTimer;

  constructor(run: () => void, ms: number, unref: boolean) {
    const step = (left: number): NativeTimer =>
      left <= MAX_NATIVE_MS
        ? startNative(run, left, unref)
        : startNative(() => void (this.#native = step(left - MAX_NATIVE_MS)), MAX_NATIVE_MS, unref);
    this.#native = step(ms);
  }

  clear(): void {
    clearTimeout(this.#native);
  }
}

/**
 * {@link Clock.sleep} on top of a clock's own timers; for those who write a clock. Rejects with `ERR_TUNIC_OPTION` when
 * `duration` is no duration, and with the signal's reason when it aborts.
 */
export function sleepOn(
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>,
  duration: Duration,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ms = toMilliseconds(duration);
    if (signal === undefined) {
      clock.setTimeout(resolve, ms);
      return;
    }
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const timer = clock.setTimeout(() => {
      unlink();
      resolve();
    }, ms);
    const unlink = onAbort(signal, () => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/**
 * The machine's clock and timers; the default everywhere.
 *
 * @example
 * ```ts
 * import { systemClock } from '@tunic/core';
 *
 * await systemClock.sleep('5ms');
 * ```
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms, options) => {
    const unref = options?.unref === true;
    return ms > MAX_NATIVE_MS ? new LongTimer(run, ms, unref) : startNative(run, ms > 0 ? ms : 0, unref);
  },
  clearTimeout: (timer) => {
    if (timer instanceof LongTimer) timer.clear();
    else clearTimeout(timer as NativeTimer);
  },
  sleep: (duration, signal) => sleepOn(systemClock, duration, signal),
};
