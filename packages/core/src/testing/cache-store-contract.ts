import { type CacheCase, clearCases, lifeCases, valueCases } from './cache-store/cases.ts';

/**
 * What every `CacheStore` must do, as cases for any test runner. Run them one after another on one harness that holds at
 * least 5,000 values; cases that require `'virtual-time'` need a harness with `advance`.
 *
 * @example
 * ```ts
 * import { createMemoryCacheStore } from '@tunic/core';
 * import { cacheStoreContract, createVirtualClock } from '@tunic/core/testing';
 *
 * const clock = createVirtualClock();
 * const store = createMemoryCacheStore({ clock });
 * const advance = (ms: number) => clock.advance(ms);
 * const harness = { createStore: () => store, sleep: advance, advance };
 * // with vitest: for (const c of cacheStoreContract) it(c.name, () => c.run(harness));
 * for (const contractCase of cacheStoreContract) await contractCase.run(harness);
 * ```
 */
export const cacheStoreContract: readonly CacheCase[] = [...valueCases, ...clearCases, ...lifeCases];
