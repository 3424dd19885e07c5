import type { ContractCase } from './contract.ts';
import type { IdempotencyStoreHarness } from './idempotency-contract-kit.ts';
import { dataCases } from './idempotency-data-cases.ts';
import { expiryCases } from './idempotency-expiry-cases.ts';
import { completionCases, ownershipCases } from './idempotency-ownership-cases.ts';

/**
 * What every `IdempotencyStore` must do, as cases for any test runner. Run them one after another on one harness; cases
 * that require `'virtual-time'` need a harness with `advance`.
 *
 * @example
 * ```ts
 * import { createMemoryIdempotencyStore } from '@tunic/core';
 * import { createVirtualClock, idempotencyStoreContract } from '@tunic/core/testing';
 *
 * const clock = createVirtualClock();
 * const store = createMemoryIdempotencyStore({ clock });
 * const advance = (ms: number) => clock.advance(ms);
 * const harness = { createStore: () => store, sleep: advance, advance };
 * // with vitest: for (const c of idempotencyStoreContract) it(c.name, () => c.run(harness));
 * for (const contractCase of idempotencyStoreContract) await contractCase.run(harness);
 * ```
 */
export const idempotencyStoreContract: readonly ContractCase<IdempotencyStoreHarness>[] = [
  ...ownershipCases,
  ...completionCases,
  ...dataCases,
  ...expiryCases,
];
