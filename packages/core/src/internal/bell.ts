import type { Clock, Timer } from '../time/clock.ts';

/** Wakes the one loop that waits on it; a ring while nobody waits is kept for the next wait. */
export class Bell {
  readonly #clock: Clock;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Forgets rings so far. */
  reset(): void {
    this.#rung = false;
  }

  /** Resolves at the next ring, or after `ms`; a kept ring is used up. */
  wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      this.#wake = () => {
        this.#wake = undefined;
        this.#rung = false;
        if (timer !== undefined) this.#clock.clearTimeout(timer);
        resolve();
      };
      if (this.#rung) this.#wake();
      else if (ms !== undefined) timer = this.#clock.setTimeout(this.#wake, ms);
    });
  }
}
