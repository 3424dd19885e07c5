import { checkInteger } from '../../errors/invalid-option.ts';
import { TunicError } from '../../errors/tunic-error.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { IdempotencyBegin, IdempotencyStore } from './idempotency-store.ts';

/** Options of {@link createMemoryIdempotencyStore}. */
export interface MemoryIdempotencyStoreOptions {
  clock?: Clock;
  /**
   * How many keys it holds, 100,000 by default. When all are in use `begin` rejects with `ERR_TUNIC_STORE_FULL`
   * (retryable): forgetting one before its time would let its work run twice.
   */
  maxKeys?: number;
}

interface KeyRecord {
  readonly owner: string;
  readonly fingerprint: string;
  readonly fence: number;
  /** Set when the work is done. */
  value: string | undefined;
  expiresAt: number;
}

/** Looked at per new request, more than are added: what has expired leaves without a timer or a scan of all. */
const SWEEP_STEPS = 4;

class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #clock: Clock;
  readonly #maxKeys: number;
  readonly #records = new Map<string, KeyRecord>();
  #cursor = this.#records.entries();
  /** No key expires before this. */
  #earliest = Infinity;
  // One count for all keys: a forgotten key then never starts anew with a fence that was given before.
  #fences = 0;

  constructor(options: MemoryIdempotencyStoreOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#maxKeys = checkInteger('maxKeys', options.maxKeys ?? 100_000, 1);
  }

  begin(key: string, request: { owner: string; fingerprint: string; leaseMs: number }): Promise<IdempotencyBegin> {
    return new Promise((resolve) => resolve(this.#begin(key, request)));
  }

  renew(key: string, fence: number, leaseMs: number): Promise<boolean> {
    const record = this.#owned(key, fence);
    if (record !== undefined) this.#expire(record, leaseMs);
    return Promise.resolve(record !== undefined);
  }

  complete(key: string, fence: number, value: string, ttlMs: number): Promise<boolean> {
    const record = this.#live(key);
    if (record?.fence !== fence) return Promise.resolve(false);
    if (record.value !== undefined) return Promise.resolve(record.value === value);
    record.value = value;
    this.#expire(record, ttlMs);
    return Promise.resolve(true);
  }

  release(key: string, fence: number): Promise<boolean> {
    return Promise.resolve(this.#owned(key, fence) !== undefined && this.#records.delete(key));
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open; whoever shares the store may go on.
    return Promise.resolve();
  }

  #begin(key: string, { owner, fingerprint, leaseMs }: { owner: string; fingerprint: string; leaseMs: number }): IdempotencyBegin {
    const found = this.#live(key);
    if (found?.value !== undefined) return { state: 'done', fingerprint: found.fingerprint, value: found.value };
    if (found !== undefined && found.owner !== owner)
      return { state: 'busy', fingerprint: found.fingerprint, retryAfterMs: found.expiresAt - this.#clock.monotonic() };
    const record = found ?? { owner, fingerprint, fence: ++this.#fences, value: undefined, expiresAt: Infinity };
    if (found === undefined) this.#insert(key, record);
    this.#expire(record, leaseMs);
    return { state: 'acquired', fence: record.fence };
  }

  #insert(key: string, record: KeyRecord): void {
    this.#sweep(SWEEP_STEPS);
    if (this.#records.size >= this.#maxKeys && this.#clock.monotonic() >= this.#earliest) this.#sweepAll();
    if (this.#records.size >= this.#maxKeys)
      throw new TunicError('ERR_TUNIC_STORE_FULL', `all ${this.#maxKeys} idempotency keys are in use`, { retryable: true });
    this.#records.set(key, record);
  }

  #live(key: string): KeyRecord | undefined {
    const record = this.#records.get(key);
    if (record === undefined || record.expiresAt > this.#clock.monotonic()) return record;
    this.#records.delete(key);
    return undefined;
  }

  #owned(key: string, fence: number): KeyRecord | undefined {
    const record = this.#live(key);
    return record?.fence === fence && record.value === undefined ? record : undefined;
  }

  #expire(record: KeyRecord, ms: number): void {
    record.expiresAt = this.#clock.monotonic() + ms;
    this.#earliest = Math.min(this.#earliest, record.expiresAt);
  }

  #sweepAll(): void {
    this.#cursor = this.#records.entries();
    this.#sweep(this.#records.size);
    this.#earliest = Infinity;
    for (const { expiresAt } of this.#records.values()) this.#earliest = Math.min(this.#earliest, expiresAt);
  }

  #sweep(steps: number): void {
    const now = this.#clock.monotonic();
    for (let step = 0; step < steps; step++) {
      const next = this.#cursor.next();
      if (next.done === true) {
        this.#cursor = this.#records.entries();
        return;
      }
      const [key, record] = next.value;
      if (record.expiresAt <= now) this.#records.delete(key);
    }
  }
}

/**
 * Keeps idempotency keys in this process: the default store, and one for tests. Its time is the clock's monotonic one.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createIdempotency, createMemoryIdempotencyStore } from '@tunic/core';
 *
 * const store = createMemoryIdempotencyStore({ maxKeys: 10_000 });
 * const orders = createIdempotency({ store });
 * await orders.run('order-17', () => 'shipped');
 * ```
 */
export function createMemoryIdempotencyStore(options: MemoryIdempotencyStoreOptions = {}): IdempotencyStore {
  return new MemoryIdempotencyStore(options);
}
