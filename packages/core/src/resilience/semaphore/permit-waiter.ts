import { onAbort } from '../../internal/abort-hub.ts';
import type { Clock } from '../../time/clock.ts';
import { timeoutError } from '../timeout/race-deadline.ts';
import { Waiter } from './wait-queue.ts';

/** What can end a wait before the permits come. */
export interface WaitLimits {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
  /** Takes the waiter out of its queue; runs before it rejects. */
  readonly leave: () => void;
}

/** One who waits for permits. */
export class PermitWaiter<T> extends Waiter {
  readonly permits: number;
  readonly #resolve: (value: T | Promise<T>) => void;
  #settled: (() => void) | undefined = undefined;

  constructor(permits: number, resolve: (value: T | Promise<T>) => void) {
    super();
    this.permits = permits;
    this.#resolve = resolve;
  }

  limit({ signal, timeoutMs, clock, leave }: WaitLimits): void {
    const giveUp = (reason: unknown): void => {
      leave();
      this.reject(reason);
    };
    const unlink = signal && onAbort(signal, () => giveUp(signal.reason));
    const timer = timeoutMs === undefined ? undefined : clock.setTimeout(() => giveUp(timeoutError(timeoutMs)), timeoutMs);
    this.#settled = () => {
      unlink?.();
      if (timer !== undefined) clock.clearTimeout(timer);
    };
  }

  resolve(value: T): void {
    this.#settled?.();
    this.#resolve(value);
  }

  reject(reason: unknown): void {
    this.#settled?.();
    // Keeping the promise's own reject function would cost every waiter 64 bytes, for a case that few of them meet.
    this.#resolve(Promise.reject(reason));
  }
}
