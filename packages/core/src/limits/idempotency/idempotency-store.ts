/** How {@link IdempotencyStore.begin} found a key. */
export type IdempotencyBegin =
  /** The caller owns the key now, for `leaseMs`, under this fence. */
  | { state: 'acquired'; fence: number }
  /** Somebody else owns it and is at work; the lease ends in `retryAfterMs` unless it is renewed. */
  | { state: 'busy'; fingerprint: string; retryAfterMs: number }
  /** The work is done; `value` is what was stored. */
  | { state: 'done'; fingerprint: string; value: string };

/**
 * The port on which idempotency keys are kept. Each method is one atomic step on the store's own clock and may be
 * repeated after a lost reply. Keys have 1 to 512 characters; keys, fingerprints and values hold any Unicode but NUL
 * and lone surrogates. A store of your own is checked by `idempotencyStoreContract` of `@tunic/core/testing`.
 */
export interface IdempotencyStore extends AsyncDisposable {
  /**
   * Takes a key that is free, expired, released, or whose lease ran out. Each acquisition of a key gets a fence
   * greater than any before while the key is known to the store; a forgotten key may start anew only if no fence that
   * was given for it can be valid any more. Repeated with the same `owner` by the current owner, it answers `acquired`
   * with the same fence and prolongs the lease.
   */
  begin(key: string, request: { owner: string; fingerprint: string; leaseMs: number }): Promise<IdempotencyBegin>;

  /**
   * Lets the lease end `leaseMs` from now. `false`: the fence is not the key's owner any more. Here and below, an owner
   * whose lease ran out is none any more, even if nobody has taken the key since.
   */
  renew(key: string, fence: number, leaseMs: number): Promise<boolean>;

  /**
   * Stores the value for `ttlMs` and ends the ownership. `false`: the fence is not the key's owner any more, and
   * nothing was changed. Completing again with the same fence and value answers `true`.
   */
  complete(key: string, fence: number, value: string, ttlMs: number): Promise<boolean>;

  /**
   * Frees the key, so that the next `begin` acquires it. `false`: the fence is not the key's owner any more, and nothing
   * was changed.
   */
  release(key: string, fence: number): Promise<boolean>;
}
