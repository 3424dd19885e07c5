import { TunicError } from '../../errors/tunic-error.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock, Timer } from '../../time/clock.ts';
import type { LockStore } from './lock-store.ts';

/** A lock that is held, and renewed every third of its time until it is released or lost. */
export interface HeldLock extends AsyncDisposable {
  readonly key: string;
  /** Greater than that of every holder before: lets what the lock protects refuse one who comes late. */
  readonly fence: number;
  /** Aborts with `ERR_TUNIC_LEASE_LOST` when somebody else may hold the lock by now. Made on first use. */
  readonly signal: AbortSignal;
  /**
   * Lets the next one in. Answers whether it was still held; `false` also when the store could not say, which then lets
   * the time run out. Never rejects, and does nothing the second time but answer the same.
   */
  release(): Promise<boolean>;
}

/** What {@link LockLease} works with. */
export interface LockLeaseOptions {
  readonly store: LockStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly key: string;
  /** The key as the store knows it. */
  readonly name: string;
  readonly owner: string;
  readonly fence: number;
  readonly ttlMs: number;
  /** When the request was sent that took the lock, on the monotonic clock. */
  readonly takenAt: number;
  /** Called once when the lock is released or lost. */
  readonly onEnd: () => void;
}

/** The one {@link HeldLock}. */
export class LockLease implements HeldLock {
  readonly #options: LockLeaseOptions;
  #confirmedAt: number;
  #timer: Timer;
  #open = true;
  #asking = false;
  #controller: AbortController | undefined;
  #lost: TunicError | undefined;
  #released: Promise<boolean> | undefined;

  constructor(options: LockLeaseOptions) {
    this.#options = options;
    this.#confirmedAt = options.takenAt;
    this.#timer = this.#nextBeat();
  }

  get key(): string {
    return this.#options.key;
  }

  get fence(): number {
    return this.#options.fence;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#lost !== undefined) this.#controller.abort(this.#lost);
    }
    return this.#controller.signal;
  }

  release(): Promise<boolean> {
    return (this.#released ??= this.#release());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #release(): Promise<boolean> {
    const { store, logger, key, name, owner } = this.#options;
    if (!this.#open) return false;
    this.#end();
    try {
      return await store.release(name, owner);
    } catch (err) {
      logger.warn({ err, key }, 'lock could not be released; its time will run out');
      return false;
    } finally {
      this.#options.onEnd();
    }
  }

  #end(): void {
    this.#open = false;
    this.#options.clock.clearTimeout(this.#timer);
  }

  /** Every third of the time, and at its end if that comes first. */
  #nextBeat(): Timer {
    const { clock, ttlMs } = this.#options;
    const leftMs = this.#confirmedAt + ttlMs - clock.monotonic();
    return clock.setTimeout(() => this.#beat(), Math.min(ttlMs / 3, leftMs), { unref: true });
  }

  #beat(): void {
    const { clock, ttlMs } = this.#options;
    // A store that does not answer cannot say that the lock is gone; the time that passed can.
    if (clock.monotonic() - this.#confirmedAt >= ttlMs) {
      this.#lose();
      return;
    }
    this.#timer = this.#nextBeat();
    if (!this.#asking) void this.#renew();
  }

  async #renew(): Promise<void> {
    const { store, clock, logger, key, name, owner, ttlMs } = this.#options;
    const sentAt = clock.monotonic();
    this.#asking = true;
    try {
      if (await store.renew(name, owner, ttlMs)) this.#confirmedAt = sentAt;
      else this.#lose();
      // A renewal that got through after all must not keep the next one out.
      if (!this.#open) await store.release(name, owner);
    } catch (err) {
      logger.warn({ err, key }, 'lock could not be renewed; trying again');
    } finally {
      this.#asking = false;
    }
  }

  #lose(): void {
    if (!this.#open) return;
    this.#end();
    this.#lost = new TunicError('ERR_TUNIC_LEASE_LOST', `the time of lock ${JSON.stringify(this.key)} ran out`, { retryable: true });
    this.#controller?.abort(this.#lost);
    this.#options.onEnd();
  }
}
