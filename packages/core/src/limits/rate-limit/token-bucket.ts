import type { RateLimitRule } from './rate-limit-store.ts';
import { Usage } from './usage.ts';

/**
 * What is missing from the bucket. It is kept in tokens × window, of which `limit` flow back per millisecond: whole
 * numbers as long as the clock gives whole milliseconds, so that no token gets lost in rounding.
 */
export class TokenBucket extends Usage {
  #debt = 0;
  #at = 0;

  settle(rule: RateLimitRule, now: number): void {
    this.#debt = Math.max(0, this.#debt - (now - this.#at) * rule.limit);
    this.#at = now;
  }

  waitMs(rule: RateLimitRule, _now: number, cost: number): number {
    return (this.#debt + (cost - rule.burst) * rule.windowMs) / rule.limit;
  }

  add(rule: RateLimitRule, _now: number, amount: number): void {
    this.#debt = Math.max(0, this.#debt + amount * rule.windowMs);
  }

  remaining(rule: RateLimitRule): number {
    return Math.max(0, Math.floor((rule.burst * rule.windowMs - this.#debt) / rule.windowMs));
  }

  resetMs(rule: RateLimitRule): number {
    return this.#debt / rule.limit;
  }
}
