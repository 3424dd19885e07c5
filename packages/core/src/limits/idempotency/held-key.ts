import { TunicError } from '../../errors/tunic-error.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock, Timer } from '../../time/clock.ts';
import type { IdempotencyStore } from './idempotency-store.ts';

/** What a function receives that runs under an idempotency key. */
export interface IdempotentRun {
  /**
   * Aborts with the caller's reason, or with `ERR_TUNIC_LEASE_LOST` when somebody else may own the key by now. Made on
   * first use.
   */
  readonly signal: AbortSignal;
  /** A number greater than that of any run under the key before: lets the other side refuse writes of a late run. */
  readonly fence: number;
}

/** What {@link HeldKey} works with. */
export interface HeldKeyOptions {
  store: IdempotencyStore;
  clock: Clock;
  logger: Logger;
  key: string;
  fence: number;
  leaseMs: number;
  /** When the request was sent that took the key, on the monotonic clock. */
  takenAt: number;
  /** Called once when the lease is lost. */
  onLost: () => void;
}

/** An owned key: renews its lease every third of it until it is let go, abandoned or lost. */
export class HeldKey implements IdempotentRun {
  readonly #options: HeldKeyOptions;
  readonly #beatMs: number;
  #confirmedAt: number;
  #timer: Timer;
  #open = true;
  #abandoned = false;
  #asking = false;
  #controller: AbortController | undefined;
  #aborted: { reason: unknown } | undefined;

  constructor(options: HeldKeyOptions) {
    this.#options = options;
    this.#beatMs = Math.ceil(options.leaseMs / 3);
    this.#confirmedAt = options.takenAt;
    this.#timer = this.#nextBeat();
  }

  get fence(): number {
    return this.#options.fence;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Aborts the run and renews no more, so that one that does not listen holds the key for one lease at most. */
  abandon(reason: unknown): void {
    this.#abandoned = true;
    this.#abort(reason);
  }

  /** Ends the heartbeat. */
  letGo(): void {
    this.#open = false;
    this.#options.clock.clearTimeout(this.#timer);
  }

  #nextBeat(): Timer {
    return this.#options.clock.setTimeout(() => this.#beat(), this.#beatMs, { unref: true });
  }

  #beat(): void {
    // A store that does not answer cannot say that the lease is gone; the time that passed can.
    if (this.#options.clock.monotonic() - this.#confirmedAt >= this.#options.leaseMs) {
      this.#lose();
      return;
    }
    this.#timer = this.#nextBeat();
    if (!this.#abandoned && !this.#asking) void this.#renew();
  }

  async #renew(): Promise<void> {
    const { store, clock, logger, key, fence, leaseMs } = this.#options;
    const sentAt = clock.monotonic();
    this.#asking = true;
    try {
      if (await store.renew(key, fence, leaseMs)) this.#confirmedAt = sentAt;
      else this.#lose();
    } catch (err) {
      logger.warn({ err, key }, 'lease of an idempotency key could not be renewed; trying again');
    } finally {
      this.#asking = false;
    }
  }

  #lose(): void {
    if (!this.#open) return;
    this.letGo();
    this.#abort(new TunicError('ERR_TUNIC_LEASE_LOST', 'the lease of the idempotency key ran out', { retryable: true }));
    this.#options.onLost();
  }

  #abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
  }
}
