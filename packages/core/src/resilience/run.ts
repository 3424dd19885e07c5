import { onAbort } from '../internal/abort-hub.ts';
import type { Clock } from '../time/clock.ts';

/** What an operation learns about the attempt that it is. */
export interface Run {
  /** Counts from 1. */
  readonly attempt: number;
  /**
   * Aborts with the caller's reason when the caller aborts, and with the time-out error when the attempt's time is up.
   * Made when it is first read.
   */
  readonly signal: AbortSignal;
  /** Milliseconds until the limits in force end; `Infinity` when there are none, never below 0. */
  remainingMs(): number;
}

/** Work that can be repeated, limited in time or called off. What it throws is a failure like a rejection. */
export type Operation<T> = (run: Run) => T | PromiseLike<T>;

/** How an operation ended. */
export type Outcome<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly error: unknown; readonly value?: undefined };

/** The {@link Run} of one attempt. Whoever starts the attempt ends it, too. */
export class AttemptRun implements Run {
  readonly attempt: number;
  readonly #parent: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  /** Whether it can abort for another reason than the parent's. */
  readonly #limited: boolean;
  #controller: AbortController | undefined = undefined;
  #unlink: (() => void) | undefined = undefined;
  #ended = false;
  #reason: { readonly error: unknown } | undefined = undefined;

  /** @param limits - `deadlineMs`: on the monotonic clock; `limited`: {@link AttemptRun.abort} may be called */
  constructor(
    attempt: number,
    parent: AbortSignal | undefined,
    limits: { readonly clock: Clock; readonly deadlineMs: number; readonly limited: boolean },
  ) {
    this.attempt = attempt;
    this.#parent = parent;
    this.#clock = limits.clock;
    this.#deadlineMs = limits.deadlineMs;
    this.#limited = limits.limited;
  }

  get signal(): AbortSignal {
    if (this.#parent !== undefined && !this.#limited) return this.#parent;
    this.#controller ??= this.#createController();
    return this.#controller.signal;
  }

  remainingMs(): number {
    return this.#deadlineMs === Infinity ? Infinity : Math.max(0, this.#deadlineMs - this.#clock.monotonic());
  }

  abort(reason: unknown): void {
    this.#reason = { error: reason };
    this.#controller?.abort(reason);
  }

  /** From here on the parent's abort no longer reaches the signal. */
  end(): void {
    this.#ended = true;
    this.#unlink?.();
  }

  #createController(): AbortController {
    const controller = new AbortController();
    const parent = this.#parent;
    if (this.#reason !== undefined) controller.abort(this.#reason.error);
    else if (parent?.aborted === true) controller.abort(parent.reason);
    else if (parent !== undefined && !this.#ended) this.#unlink = onAbort(parent, () => controller.abort(parent.reason));
    return controller;
  }
}
