import type { RateLimitRule } from './rate-limit-store.ts';
import { Usage } from './usage.ts';

interface Use {
  /** Counts until one window after this. */
  at: number;
  cost: number;
  older: Use | undefined;
  newer: Use | undefined;
}

/** Into so many steps the window of a larger limit is cut. */
const STEPS = 64;

/** The uses that still count, in a list: exact up to a limit of 64, and no longer than 65 entries above that. */
export class SlidingWindow extends Usage {
  // A list and not an array, whose first entry takes room for seventeen and two more misses of the cache.
  #oldest: Use | undefined = undefined;
  #newest: Use | undefined = undefined;
  #length = 0;
  #used = 0;

  settle(rule: RateLimitRule, now: number): void {
    for (let use = this.#oldest; use !== undefined && use.at + rule.windowMs <= now; use = use.newer) {
      this.#used -= use.cost;
      this.#length--;
      this.#oldest = use.newer;
    }
    if (this.#oldest === undefined) this.#newest = undefined;
    else this.#oldest.older = undefined;
  }

  waitMs(rule: RateLimitRule, now: number, cost: number): number {
    let lacking = this.#used + cost - rule.limit;
    if (lacking <= 0) return 0;
    let use = this.#oldest;
    for (; use?.newer !== undefined; use = use.newer) {
      lacking -= use.cost;
      if (lacking <= 0) break;
    }
    return use === undefined ? 0 : use.at + rule.windowMs - now;
  }

  add(rule: RateLimitRule, now: number, amount: number): void {
    if (amount < 0) this.#giveBack(-amount);
    else this.#take(rule, now, amount);
  }

  remaining(rule: RateLimitRule): number {
    return Math.max(0, rule.limit - this.#used);
  }

  resetMs(rule: RateLimitRule, now: number): number {
    return this.#newest === undefined ? 0 : this.#newest.at + rule.windowMs - now;
  }

  #take(rule: RateLimitRule, now: number, cost: number): void {
    const stepMs = rule.windowMs / STEPS;
    // Rounded up, to whole milliseconds too, for V8's sake: a use may count for a little too long, never for too short.
    const at = Math.ceil(rule.limit <= STEPS ? now : Math.ceil(now / stepMs) * stepMs);
    const newest = this.#newest;
    this.#used += cost;
    // Only penalties can fill the list of a small limit; they join its last entry then.
    if (newest !== undefined && (newest.at >= at || this.#length > STEPS)) {
      newest.at = Math.max(newest.at, at);
      newest.cost += cost;
    } else this.#append(at, cost);
  }

  #append(at: number, cost: number): void {
    const use = { at, cost, older: this.#newest, newer: undefined };
    if (this.#newest === undefined || this.#oldest === undefined) this.#oldest = use;
    else this.#newest.newer = use;
    this.#newest = use;
    this.#length++;
  }

  #giveBack(amount: number): void {
    let left = Math.min(amount, this.#used);
    this.#used -= left;
    for (let use = this.#newest; use !== undefined && left > 0; use = this.#newest) {
      const back = Math.min(left, use.cost);
      left -= back;
      use.cost -= back;
      if (use.cost === 0) this.#drop(use);
    }
  }

  /** Takes the newest one out. */
  #drop({ older }: Use): void {
    this.#length--;
    this.#newest = older;
    if (this.#newest === undefined) this.#oldest = undefined;
    else this.#newest.newer = undefined;
  }
}
