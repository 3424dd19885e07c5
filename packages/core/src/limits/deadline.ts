import { onAbort } from '../internal/abort-hub.ts';
import type { Clock, Timer } from '../time/clock.ts';

/** What {@link Deadline} works with. */
export interface DeadlineOptions {
  readonly clock: Clock;
  readonly ms: number;
  /** The caller's own signal, not aborted yet; its reason is passed on as it is. */
  readonly signal: AbortSignal | undefined;
  /** The reason when the time is up. */
  readonly expired: () => unknown;
}

/** A signal that aborts with the caller's, or when the time is up; to be cleared when the wait is over. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #unlink: (() => void) | undefined;

  constructor({ clock, ms, signal, expired }: DeadlineOptions) {
    this.#clock = clock;
    this.#unlink = signal && onAbort(signal, () => this.#end(signal.reason));
    this.#timer = clock.setTimeout(() => this.#end(expired()), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#unlink?.();
  }

  #end(reason: unknown): void {
    this.clear();
    this.#controller.abort(reason);
  }
}
