import type { Clock, Timer } from '../../time/clock.ts';

/** A rate, read. */
export interface StartWindow {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * Counts starts within a window that slides, so that no burst passes where two fixed ones would meet, and wakes those who
 * wait for the next start by one timer.
 */
export class RateGate {
  readonly #window: StartWindow;
  readonly #clock: Clock;
  readonly #wake: () => void;
  /** The times of the last starts: a ring, once it has grown to the limit. */
  readonly #starts: number[] = [];
  #oldest = 0;
  #timer: Timer | undefined = undefined;

  constructor(window: StartWindow, clock: Clock, wake: () => void) {
    this.#window = window;
    this.#clock = clock;
    this.#wake = () => {
      this.#timer = undefined;
      wake();
    };
  }

  /** Stays closed until those who wait were woken: nobody who comes later gets before them. */
  get isOpen(): boolean {
    return this.#timer === undefined && this.#delayMs() === 0;
  }

  count(): void {
    this.#starts[this.#oldest] = this.#clock.monotonic();
    this.#oldest = (this.#oldest + 1) % this.#window.limit;
  }

  /** @param isAwaited - whether somebody would start now, were it not for the rate */
  attend(isAwaited: boolean): void {
    if (isAwaited === (this.#timer !== undefined)) return;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = isAwaited ? this.#clock.setTimeout(this.#wake, Math.ceil(this.#delayMs())) : undefined;
  }

  #delayMs(): number {
    if (this.#starts.length < this.#window.limit) return 0;
    return Math.max(0, (this.#starts[this.#oldest] as number) + this.#window.windowMs - this.#clock.monotonic());
  }
}
