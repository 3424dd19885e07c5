/** A key as a server holds it. Instants stay in the database: only what is left of them comes out. */
export interface ServerKey {
  fence: number;
  /** Nothing once it was released. */
  owner: string | undefined;
  fingerprint: string;
  /** Nothing while the work is under way. */
  value: string | undefined;
  /** Until the lease or the value's time is over; ≤ 0: it is. */
  leftMs: number;
}

/** Who wants a key, and for how long. */
export interface KeyRequest {
  key: string;
  owner: string;
  fingerprint: string;
  leaseMs: number;
}

/** Who owns a key. */
export interface KeyLease {
  key: string;
  fence: number;
}

/**
 * What differs between database servers. Each method but `acquire` is one statement; the time is the database's own. A
 * method that changes a key answers whether it found the key owned by that fence and still at work.
 */
export interface IdempotencyDialect {
  migrate(): Promise<void>;
  /** Takes the key if it is free or already the owner's, and answers how it stands then. */
  acquire(request: KeyRequest): Promise<ServerKey | undefined>;
  renew(lease: KeyLease, leaseMs: number): Promise<boolean>;
  complete(lease: KeyLease, value: string, ttlMs: number): Promise<boolean>;
  release(lease: KeyLease): Promise<boolean>;
  find(key: string): Promise<ServerKey | undefined>;
  /** Removes up to `limit` keys whose time was over `afterMs` ago. */
  forget(afterMs: number, limit: number): Promise<void>;
}
