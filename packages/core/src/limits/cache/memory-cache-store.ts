import { checkInteger } from '../../errors/invalid-option.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { CacheEntry, CacheStore } from './cache-store.ts';
import { keyMatcher } from './key-pattern.ts';

/** Options of {@link createMemoryCacheStore}. */
export interface MemoryCacheStoreOptions {
  clock?: Clock;
  /** How many values it holds, 10,000 by default; for one more, the one goes that was not read or set for longest. */
  maxEntries?: number;
}

interface Kept {
  readonly value: string;
  readonly freshUntil: number;
  readonly expiresAt: number;
}

class MemoryCacheStore implements CacheStore {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  /** The one used longest ago first. */
  readonly #kept = new Map<string, Kept>();
  // One iterator for good: what is used moves behind it, and a new one would walk over all that left before.
  #oldest = this.#kept.keys();

  constructor(options: MemoryCacheStoreOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#maxEntries = checkInteger('maxEntries', options.maxEntries ?? 10_000, 1);
  }

  get(key: string): Promise<CacheEntry | undefined> {
    const kept = this.#kept.get(key);
    if (kept === undefined) return Promise.resolve(undefined);
    this.#kept.delete(key);
    const now = this.#clock.monotonic();
    if (kept.expiresAt <= now) return Promise.resolve(undefined);
    this.#kept.set(key, kept);
    return Promise.resolve({ value: kept.value, freshMs: kept.freshUntil - now });
  }

  set(key: string, value: string, { ttlMs, staleMs }: { ttlMs: number; staleMs: number }): Promise<void> {
    const freshUntil = this.#clock.monotonic() + ttlMs;
    if (!this.#kept.delete(key) && this.#kept.size >= this.#maxEntries) this.#dropOldest();
    this.#kept.set(key, { value, freshUntil, expiresAt: freshUntil + staleMs });
    return Promise.resolve();
  }

  delete(key: string): Promise<boolean> {
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    return Promise.resolve(kept !== undefined && kept.expiresAt > this.#clock.monotonic());
  }

  clear(pattern: string): Promise<void> {
    const matches = keyMatcher(pattern);
    for (const key of this.#kept.keys()) if (matches(key)) this.#kept.delete(key);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open; whoever shares the store may go on.
    return Promise.resolve();
  }

  #dropOldest(): void {
    let oldest = this.#oldest.next();
    if (oldest.done === true) {
      this.#oldest = this.#kept.keys();
      oldest = this.#oldest.next();
    }
    if (oldest.done !== true) this.#kept.delete(oldest.value);
  }
}

/**
 * Keeps cached values in this process: the default store, and one for tests. Its time is the clock's monotonic one; it
 * sets no timer.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createCache, createMemoryCacheStore } from '@tunic/core';
 *
 * const store = createMemoryCacheStore({ maxEntries: 1_000 });
 * const users = createCache({ store, namespace: 'users', ttl: '5m' });
 * await users.set('17', { name: 'Ada' });
 * ```
 */
export function createMemoryCacheStore(options: MemoryCacheStoreOptions = {}): CacheStore {
  return new MemoryCacheStore(options);
}
