import type { RateLimitCase } from './rate-limit-store/kit.ts';
import { timeCases } from './rate-limit-store/time-cases.ts';
import { usageCases } from './rate-limit-store/usage-cases.ts';

/**
 * What every `RateLimitStore` must do, as cases for any test runner. Run them one after another on one harness; cases that
 * require `'virtual-time'` need a harness with `advance`.
 *
 * @example
 * ```ts
 * import { createMemoryRateLimitStore } from '@tunic/core';
 * import { createVirtualClock, rateLimitStoreContract } from '@tunic/core/testing';
 *
 * const clock = createVirtualClock();
 * const store = createMemoryRateLimitStore({ clock });
 * const advance = (ms: number) => clock.advance(ms);
 * const harness = { createStore: () => store, sleep: advance, advance };
 * // with vitest: for (const c of rateLimitStoreContract) it(c.name, () => c.run(harness));
 * for (const contractCase of rateLimitStoreContract) await contractCase.run(harness);
 * ```
 */
export const rateLimitStoreContract: readonly RateLimitCase[] = [...usageCases, ...timeCases];
