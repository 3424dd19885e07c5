import type { RateLimitAlgorithm, RateLimitRule, RateLimitStore } from '../../limits/rate-limit/rate-limit-store.ts';
import type { ContractCase } from '../contract.ts';
import type { StoreHarness } from '../store-harness.ts';

/** What `rateLimitStoreContract` needs to know of a store. */
export type RateLimitStoreHarness = StoreHarness<RateLimitStore>;

/** One case of the contract. */
export type RateLimitCase = ContractCase<RateLimitStoreHarness>;

/** Every algorithm. */
export const ALGORITHMS: readonly RateLimitAlgorithm[] = ['fixed-window', 'sliding-window', 'token-bucket'];

/** A rule with the usual numbers: five a minute. */
export function rule(algorithm: RateLimitAlgorithm, changes: Partial<RateLimitRule> = {}): RateLimitRule {
  const { limit = 5 } = changes;
  return { algorithm, limit, windowMs: 60_000, burst: limit, blockMs: 0, ...changes };
}

/** How many of `times` calls made one after another are let in. */
export async function admitted(store: RateLimitStore, key: string, by: RateLimitRule, times: number): Promise<number> {
  let count = 0;
  for (let i = 0; i < times; i++) if ((await store.consume(key, by, 1)).allowed) count++;
  return count;
}
