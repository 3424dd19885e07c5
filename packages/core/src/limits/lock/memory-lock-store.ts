import { checkInteger } from '../../errors/invalid-option.ts';
import { TunicError } from '../../errors/tunic-error.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { ExpiringTable } from '../expiring-table.ts';
import type { LockAcquire, LockStore } from './lock-store.ts';

/** Options of {@link createMemoryLockStore}. */
export interface MemoryLockStoreOptions {
  clock?: Clock;
  /** How many keys can be held at once, 100,000 by default. One more is refused with `ERR_TUNIC_STORE_FULL` (retryable). */
  maxKeys?: number;
}

interface Holding {
  readonly owner: string;
  readonly fence: number;
  expiresAt: number;
}

class MemoryLockStore implements LockStore {
  readonly #clock: Clock;
  readonly #maxKeys: number;
  readonly #holdings = new ExpiringTable<Holding>();
  /** No key expires before this. */
  #earliest = 0;
  // One count for all keys, so that a key that was let go never starts anew.
  #fences = 0;

  constructor(options: MemoryLockStoreOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#maxKeys = checkInteger('maxKeys', options.maxKeys ?? 100_000, 1);
  }

  acquire(key: string, owner: string, ttlMs: number): Promise<LockAcquire> {
    return new Promise((resolve) => resolve(this.#acquire(key, owner, ttlMs)));
  }

  renew(key: string, owner: string, ttlMs: number): Promise<boolean> {
    const holding = this.#heldBy(key, owner);
    if (holding !== undefined) this.#expire(holding, ttlMs);
    return Promise.resolve(holding !== undefined);
  }

  release(key: string, owner: string): Promise<boolean> {
    return Promise.resolve(this.#heldBy(key, owner) !== undefined && this.#holdings.delete(key));
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open; whoever shares the store may go on.
    return Promise.resolve();
  }

  #acquire(key: string, owner: string, ttlMs: number): LockAcquire {
    const held = this.#live(key);
    if (held !== undefined && held.owner !== owner) return { acquired: false, retryAfterMs: held.expiresAt - this.#clock.monotonic() };
    const holding = held ?? this.#insert(key, owner);
    this.#expire(holding, ttlMs);
    return { acquired: true, fence: holding.fence };
  }

  #insert(key: string, owner: string): Holding {
    const now = this.#clock.monotonic();
    this.#holdings.delete(key);
    this.#holdings.sweep(now);
    if (this.#holdings.size >= this.#maxKeys && now >= this.#earliest) this.#earliest = this.#holdings.sweepAll(now);
    if (this.#holdings.size >= this.#maxKeys) throw new TunicError('ERR_TUNIC_STORE_FULL', `all ${this.#maxKeys} locks are held`, { retryable: true });
    const holding = { owner, fence: ++this.#fences, expiresAt: Infinity };
    this.#holdings.set(key, holding);
    return holding;
  }

  #live(key: string): Holding | undefined {
    const holding = this.#holdings.get(key);
    return holding !== undefined && holding.expiresAt > this.#clock.monotonic() ? holding : undefined;
  }

  #heldBy(key: string, owner: string): Holding | undefined {
    const holding = this.#live(key);
    return holding?.owner === owner ? holding : undefined;
  }

  #expire(holding: Holding, ttlMs: number): void {
    holding.expiresAt = this.#clock.monotonic() + ttlMs;
    this.#earliest = Math.min(this.#earliest, holding.expiresAt);
  }
}

/**
 * Keeps locks in this process: the default store, and one for tests. Its time is the clock's monotonic one; it sets no
 * timer.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createLock, createMemoryLockStore } from '@tunic/core';
 *
 * const lock = createLock({ store: createMemoryLockStore() });
 * await lock.run('nightly-report', ({ fence }) => console.log(fence)); // 1
 * ```
 */
export function createMemoryLockStore(options: MemoryLockStoreOptions = {}): LockStore {
  return new MemoryLockStore(options);
}
