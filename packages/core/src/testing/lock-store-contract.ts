import { type LockCase, holdingCases, timeCases } from './lock-store/cases.ts';

/**
 * What every `LockStore` must do, as cases for any test runner. Run them one after another on one harness; cases that
 * require `'virtual-time'` need a harness with `advance`.
 *
 * @example
 * ```ts
 * import { createMemoryLockStore } from '@tunic/core';
 * import { createVirtualClock, lockStoreContract } from '@tunic/core/testing';
 *
 * const clock = createVirtualClock();
 * const store = createMemoryLockStore({ clock });
 * const advance = (ms: number) => clock.advance(ms);
 * const harness = { createStore: () => store, sleep: advance, advance };
 * // with vitest: for (const c of lockStoreContract) it(c.name, () => c.run(harness));
 * for (const contractCase of lockStoreContract) await contractCase.run(harness);
 * ```
 */
export const lockStoreContract: readonly LockCase[] = [...holdingCases, ...timeCases];
