/** What {@link CacheStore.get} finds. */
export interface CacheEntry {
  readonly value: string;
  /** What is left of `ttlMs`; ≤ 0: the value is stale. */
  readonly freshMs: number;
}

/**
 * The port on which cached values are kept, as text. Each method is one step on the store's own clock and may be repeated
 * after a lost reply. Keys have 1 to 512 characters; keys and values hold any Unicode but NUL and lone surrogates. A store
 * may forget any key at any time; it must not give a value after its time, nor an older one after a newer. A store of
 * your own is checked by `cacheStoreContract` of `@tunic/core/testing`.
 */
export interface CacheStore extends AsyncDisposable {
  /** The value under the key, unless it was never set, was deleted, or its time is over. */
  get(key: string): Promise<CacheEntry | undefined>;

  /** Puts a value in place of any before: fresh for `ttlMs`, and kept for `staleMs` beyond that. */
  set(key: string, value: string, life: { ttlMs: number; staleMs: number }): Promise<void>;

  /** Removes the key. `true`: there was a value under it, and its time was not over. */
  delete(key: string): Promise<boolean>;

  /**
   * Removes every key that matches `pattern`, in which `*` stands for any text, the empty one too, and every other
   * character for itself. Works in bounded steps: `SCAN`, never `KEYS`, on Redis, and `LIKE` with its own signs escaped on
   * SQL. Keys that are set meanwhile may stay.
   */
  clear(pattern: string): Promise<void>;
}
