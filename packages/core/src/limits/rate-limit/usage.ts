import type { Expiring } from '../expiring-table.ts';
import type { RateLimitRule } from './rate-limit-store.ts';

/**
 * What a key has used by one algorithm. `settle` comes first; the other methods then speak of the same moment. Times are
 * of one clock, which never goes back.
 */
export abstract class Usage implements Expiring {
  expiresAt = 0;
  blockedUntil = 0;

  /** Forgets what is over at `now`. */
  abstract settle(rule: RateLimitRule, now: number): void;

  /** Until `cost` fits; ≤ 0: it does. */
  abstract waitMs(rule: RateLimitRule, now: number, cost: number): number;

  /** Takes so much, or gives it back when negative. */
  abstract add(rule: RateLimitRule, now: number, amount: number): void;

  /** What fits now; not below 0. */
  abstract remaining(rule: RateLimitRule): number;

  /** Until nothing is in use. */
  abstract resetMs(rule: RateLimitRule, now: number): number;
}
