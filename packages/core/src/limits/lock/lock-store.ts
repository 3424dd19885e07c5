/** How {@link LockStore.acquire} found a key. */
export type LockAcquire =
  /** The caller holds it now. */
  | { acquired: true; fence: number }
  /** Somebody else holds it, for `retryAfterMs` more unless it is renewed or released. */
  | { acquired: false; retryAfterMs: number };

/**
 * The port on which locks are kept. Each method is one atomic step on the store's own clock and may be repeated after a
 * lost reply. Keys have 1 to 512 characters, any Unicode but NUL and lone surrogates; owners are random texts of up to 128
 * ASCII characters, a new one for each holding, so that none can be mistaken for another. A store of your own is checked
 * by `lockStoreContract` of `@tunic/core/testing`.
 */
export interface LockStore extends AsyncDisposable {
  /**
   * Takes a key that is free, was released or whose time ran out, for `ttlMs`. Its fence is greater than every fence that
   * the key ever had, for what the lock protects to refuse a late holder; where the store forgets keys, it must still be.
   * Repeated by the owner who holds it, it answers the same fence and the time counts from now.
   */
  acquire(key: string, owner: string, ttlMs: number): Promise<LockAcquire>;

  /** Lets the time end `ttlMs` from now. `false`: the owner does not hold the key, or its time ran out. */
  renew(key: string, owner: string, ttlMs: number): Promise<boolean>;

  /** Frees the key. `false`: the owner does not hold it, or its time ran out, and nothing was changed. */
  release(key: string, owner: string): Promise<boolean>;
}
