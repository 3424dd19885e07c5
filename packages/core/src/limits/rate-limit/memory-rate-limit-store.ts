import { checkInteger } from '../../errors/invalid-option.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { ExpiringTable } from '../expiring-table.ts';
import { FixedWindow } from './fixed-window.ts';
import type { RateLimitAlgorithm, RateLimitResult, RateLimitRule, RateLimitStore } from './rate-limit-store.ts';
import { SlidingWindow } from './sliding-window.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Usage } from './usage.ts';

/** Options of {@link createMemoryRateLimitStore}. */
export interface MemoryRateLimitStoreOptions {
  clock?: Clock;
  /**
   * How many keys it holds, 100,000 by default. For one more it forgets, of a few that it looks at, the key whose usage
   * is over first: whoever invents keys can make it forget little, and cannot make it grow.
   */
  maxKeys?: number;
}

/** A {@link RateLimitStore} that answers at once. */
export interface MemoryRateLimitStore extends RateLimitStore {
  consume(key: string, rule: RateLimitRule, cost: number): RateLimitResult;
  peek(key: string, rule: RateLimitRule, cost: number): RateLimitResult;
  adjust(key: string, rule: RateLimitRule, amount: number): RateLimitResult;
  reset(key: string): void;
}

const FRESH: Readonly<Record<RateLimitAlgorithm, () => Usage>> = {
  'fixed-window': () => new FixedWindow(),
  'sliding-window': () => new SlidingWindow(),
  'token-bucket': () => new TokenBucket(),
};

/** Of so many keys the one is forgotten whose time is over first. */
const SAMPLE = 16;

class MemoryRateLimitStoreImplementation implements MemoryRateLimitStore {
  readonly #clock: Clock;
  readonly #maxKeys: number;
  readonly #usages = new ExpiringTable<Usage>();

  constructor(options: MemoryRateLimitStoreOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#maxKeys = checkInteger('maxKeys', options.maxKeys ?? 100_000, 1);
  }

  consume(key: string, rule: RateLimitRule, cost: number): RateLimitResult {
    const now = this.#clock.monotonic();
    const usage = this.#usages.get(key) ?? this.#insert(key, rule, now);
    usage.settle(rule, now);
    const lackMs = usage.waitMs(rule, now, cost);
    const blocked = usage.blockedUntil > now;
    if (lackMs <= 0 && !blocked) {
      usage.add(rule, now, cost);
      return describe(usage, rule, now, 0);
    }
    if (!blocked && rule.blockMs > 0) usage.blockedUntil = now + rule.blockMs;
    return describe(usage, rule, now, Math.max(lackMs, usage.blockedUntil - now));
  }

  peek(key: string, rule: RateLimitRule, cost: number): RateLimitResult {
    const now = this.#clock.monotonic();
    const usage = this.#usages.get(key) ?? FRESH[rule.algorithm]();
    usage.settle(rule, now);
    return describe(usage, rule, now, Math.max(0, usage.waitMs(rule, now, cost), usage.blockedUntil - now));
  }

  adjust(key: string, rule: RateLimitRule, amount: number): RateLimitResult {
    const now = this.#clock.monotonic();
    const usage = this.#usages.get(key) ?? this.#insert(key, rule, now);
    usage.settle(rule, now);
    usage.add(rule, now, amount);
    return describe(usage, rule, now, Math.max(0, usage.waitMs(rule, now, 1), usage.blockedUntil - now));
  }

  reset(key: string): void {
    this.#usages.delete(key);
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open; whoever shares the store may go on.
    return Promise.resolve();
  }

  #insert(key: string, rule: RateLimitRule, now: number): Usage {
    this.#usages.sweep(now);
    if (this.#usages.size >= this.#maxKeys) this.#usages.dropSoonest(SAMPLE);
    const usage = FRESH[rule.algorithm]();
    this.#usages.set(key, usage);
    return usage;
  }
}

function describe(usage: Usage, rule: RateLimitRule, now: number, waitMs: number): RateLimitResult {
  const blockMs = usage.blockedUntil - now;
  const resetMs = Math.max(blockMs, usage.resetMs(rule, now));
  usage.expiresAt = Math.ceil(now + resetMs);
  return {
    allowed: waitMs <= 0,
    limit: rule.limit,
    remaining: blockMs > 0 ? 0 : usage.remaining(rule),
    resetMs: Math.ceil(resetMs),
    retryAfterMs: Math.ceil(waitMs),
  };
}

/**
 * Counts usage in this process: the default store, and one for tests. Its time is the clock's monotonic one; it sets no
 * timer.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createMemoryRateLimitStore, createRateLimiter } from '@tunic/core';
 *
 * const store = createMemoryRateLimitStore({ maxKeys: 10_000 });
 * const perSecond = createRateLimiter({ limit: '10/s', store });
 * const perDay = createRateLimiter({ limit: '1000/d', store });
 * console.log((await perSecond.consume('ada')).allowed && (await perDay.consume('ada')).allowed); // true
 * ```
 */
export function createMemoryRateLimitStore(options: MemoryRateLimitStoreOptions = {}): MemoryRateLimitStore {
  return new MemoryRateLimitStoreImplementation(options);
}
