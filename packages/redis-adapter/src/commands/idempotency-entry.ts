/**
 * How an idempotency key lies in Redis: one hash with the fields `fence`, `fingerprint`, and `owner` while it is owned
 * or `value` when the work is done; neither of the two, and the key is free.
 *
 * An owned or free key outlives its lease by this grace, so that a fence given just after is greater than the last even
 * where the server's clock was set back in between. The lease itself ends where what is left of the key's time to live
 * falls to the grace: to prolong it takes PEXPIRE alone, which a Redis that is out of memory still obeys.
 */
export const GRACE_MS = 60_000;

/** The keys of every command on an idempotency key. */
export type IdempotencyKeys = readonly [entry: string];
