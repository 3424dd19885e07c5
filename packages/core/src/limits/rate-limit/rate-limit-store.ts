/** How usage is counted; see {@link RateLimitRule}. */
export type RateLimitAlgorithm = 'fixed-window' | 'sliding-window' | 'token-bucket';

/**
 * What is allowed, in numbers.
 *
 * - `fixed-window`: a window begins with the first use of a key and ends `windowMs` later; up to `limit` go into each. At
 *   a boundary that lets through up to twice the limit in a moment: the end of one window and the start of the next.
 * - `sliding-window`: never more than `limit` in any `windowMs`. Uses are kept one by one while `limit` ≤ 64; above that
 *   they are put together by steps of 1/64 of the window, each counted as of its end: room comes back up to one step
 *   late, never early.
 * - `token-bucket`: a full bucket holds `burst`, and `limit` flow in per `windowMs`, evenly. In any `windowMs` at most
 *   `limit + burst - 1` get through, so never more than `limit` with a burst of 1. This is GCRA (ITU-T I.371).
 */
export interface RateLimitRule {
  readonly algorithm: RateLimitAlgorithm;
  readonly limit: number;
  /** Whole or not, above 0, of any length. */
  readonly windowMs: number;
  /** The most that can be had at once: `limit`, unless the algorithm is `token-bucket`. */
  readonly burst: number;
  /** For how long a key is refused altogether after a consume was refused for lack of room; 0: not at all. */
  readonly blockMs: number;
}

/** How a key stands. */
export interface RateLimitResult {
  /** Whether the cost fitted (and, by `consume`, was taken). */
  allowed: boolean;
  /** The limit of the rule. */
  limit: number;
  /** What could be consumed at once now; 0 while the key is blocked. */
  remaining: number;
  /** Whole milliseconds until all is available again if nothing more is consumed; 0: it is. */
  resetMs: number;
  /** Whole milliseconds after which the same cost fits if nobody else consumes; 0 when it fits. */
  retryAfterMs: number;
}

/**
 * The port on which usage is counted. Each method is one atomic read-decide-write on the store's own clock: a store that
 * reads, decides here and writes then lets bursts through. Stores within the process may answer without a promise. Keys
 * have 1 to 512 characters, any Unicode but NUL and lone surrogates, and every key is used with one algorithm and window
 * only; its limit, burst and block may change from call to call. A call repeated after a lost reply counts again. A store
 * of your own is checked by `rateLimitStoreContract` of `@tunic/core/testing`.
 *
 * What a key needs is small: `{ start, used }` for a fixed window, `{ debt, at }` for a token bucket, at most 65 pairs
 * `(at, cost)` for a sliding window, and `blockedUntil`. On Redis that is one hash per key, changed by one script that
 * reads `TIME` and sets `PEXPIRE` to the larger of `resetMs` and the block; on SQL one row per key, changed by one `INSERT …
 * ON CONFLICT DO UPDATE … RETURNING` with the pairs in a JSON column, and swept by an index on its expiry.
 */
export interface RateLimitStore extends AsyncDisposable {
  /** Takes `cost` (1 to `rule.burst`) if all of it fits and the key is not blocked; what is refused costs nothing. */
  consume(key: string, rule: RateLimitRule, cost: number): RateLimitResult | Promise<RateLimitResult>;

  /** What `consume` would answer, but for what it takes: `remaining` is as it is. Changes nothing. */
  peek(key: string, rule: RateLimitRule, cost: number): RateLimitResult | Promise<RateLimitResult>;

  /**
   * Takes `amount` whether it fits or not or, when it is negative, gives back so much of what was taken last, and never
   * more than is in use. Answers as `peek` for a cost of 1. A block stays as it is.
   */
  adjust(key: string, rule: RateLimitRule, amount: number): RateLimitResult | Promise<RateLimitResult>;

  /** Forgets the key: its usage and its block. */
  reset(key: string): void | Promise<void>;
}
