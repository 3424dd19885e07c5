import type { RateLimitRule } from './rate-limit-store.ts';
import { Usage } from './usage.ts';

/** A count that starts anew when the window is over; the window begins with the first use. */
export class FixedWindow extends Usage {
  /** Rounded up to whole milliseconds, which V8 keeps within the object; a fraction is one more miss of the cache. */
  #end = 0;
  #used = 0;

  settle(rule: RateLimitRule, now: number): void {
    if (this.#used > 0 && now < this.#end) return;
    this.#end = Math.ceil(now + rule.windowMs);
    this.#used = 0;
  }

  waitMs(rule: RateLimitRule, now: number, cost: number): number {
    return this.#used + cost <= rule.limit ? 0 : this.#end - now;
  }

  add(_rule: RateLimitRule, _now: number, amount: number): void {
    this.#used = Math.max(0, this.#used + amount);
  }

  remaining(rule: RateLimitRule): number {
    return Math.max(0, rule.limit - this.#used);
  }

  resetMs(_rule: RateLimitRule, now: number): number {
    return this.#used === 0 ? 0 : this.#end - now;
  }
}
