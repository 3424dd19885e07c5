import { TunicError, isTunicError } from '../../errors/tunic-error.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { IdempotencyStore } from './idempotency-store.ts';

/** Who asks for which key. */
export interface KeyRequest {
  readonly key: string;
  readonly owner: string;
  readonly fingerprint: string;
  /** Ends the polling of a key that is at work. */
  readonly signal: AbortSignal | undefined;
}

/** A key that the caller owns now. */
export interface Acquired {
  readonly state: 'acquired';
  readonly fence: number;
  /** When it was asked for, on the monotonic clock. */
  readonly takenAt: number;
}

/** What was stored under the key by another call. */
export interface Done {
  readonly state: 'done';
  readonly value: string;
}

/** What {@link KeyClaims} works with. */
export interface KeyClaimsOptions {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly ttlMs: number;
}

const FIRST_POLL_MS = 20;
const MAX_POLL_MS = 500;

/** Talks to the store, patiently: polls a key that is at work, and repeats what must not get lost. */
export class KeyClaims {
  readonly #options: KeyClaimsOptions;

  constructor(options: KeyClaimsOptions) {
    this.#options = options;
  }

  async claim({ key, fingerprint, signal, owner }: KeyRequest, inFlight: 'wait' | 'reject'): Promise<Acquired | Done> {
    for (let polls = 0; ; polls++) {
      const takenAt = this.#options.clock.monotonic();
      const reply = await this.#options.store.begin(key, { owner, fingerprint, leaseMs: this.#options.leaseMs });
      if (reply.state === 'acquired') return { ...reply, takenAt };
      if (reply.fingerprint !== fingerprint) throw mismatch(key);
      if (reply.state === 'done') return reply;
      if (inFlight === 'reject') throw inProgress(key, reply.retryAfterMs);
      await this.#options.clock.sleep(Math.max(1, Math.min(reply.retryAfterMs, this.#backoff(polls))), signal);
    }
  }

  /** The work is done and would be done again if this got lost, so a store in trouble is asked for a whole lease. */
  async complete(key: string, fence: number, text: string): Promise<boolean> {
    const giveUpAt = this.#options.clock.monotonic() + this.#options.leaseMs;
    for (let tries = 0; ; tries++) {
      try {
        return await this.#options.store.complete(key, fence, text, this.#options.ttlMs);
      } catch (err) {
        if ((isTunicError(err) && !err.retryable) || this.#options.clock.monotonic() >= giveUpAt) throw err;
        this.#options.logger.warn({ err, key }, 'value of an idempotency key could not be stored; trying again');
      }
      await this.#options.clock.sleep(this.#backoff(tries));
    }
  }

  async release(key: string, fence: number): Promise<void> {
    try {
      await this.#options.store.release(key, fence);
    } catch (err) {
      this.#options.logger.warn({ err, key }, 'idempotency key could not be released; its lease will run out');
    }
  }

  #backoff(tries: number): number {
    const ceiling = Math.min(MAX_POLL_MS, FIRST_POLL_MS * 2 ** Math.min(tries, 16));
    return Math.ceil(ceiling * (0.5 + this.#options.random() / 2));
  }
}

/** The key came again with another fingerprint. */
export function mismatch(key: string): TunicError {
  return new TunicError('ERR_TUNIC_IDEMPOTENCY_MISMATCH', `idempotency key ${JSON.stringify(key)} was used with another fingerprint`);
}

/** The key is at work, and the caller would not wait. */
export function inProgress(key: string, retryAfterMs: number): TunicError {
  return new TunicError('ERR_TUNIC_IDEMPOTENCY_IN_PROGRESS', `the work under idempotency key ${JSON.stringify(key)} is still running`, { retryable: true, retryAfterMs });
}
