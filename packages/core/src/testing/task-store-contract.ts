import type { ContractCase } from './contract.ts';
import type { TaskStoreCases } from './task-store/cases.ts';
import { claimCases } from './task-store/claim-cases.ts';
import { enqueueCases } from './task-store/enqueue-cases.ts';
import { TaskStoreBench, type TaskStoreHarness } from './task-store/harness.ts';
import { leaseCases } from './task-store/lease-cases.ts';
import { settleCases } from './task-store/settle-cases.ts';

function toContract(cases: TaskStoreCases): ContractCase<TaskStoreHarness>[] {
  return Object.entries(cases).map(([name, check]) => ({
    name,
    run: async (harness) => await check(new TaskStoreBench(await harness.open(), harness)),
  }));
}

/**
 * What every task store must do, as cases free of any test runner. Each wants a harness of its own, over
 * storage that is empty; a case fails by throwing.
 *
 * @example
 * ```ts
 * import { createMemoryTaskStore } from '@tunic/core';
 * import { createVirtualClock, taskStoreContract, type TaskStoreHarness } from '@tunic/core/testing';
 *
 * for (const { run } of taskStoreContract) {
 *   const clock = createVirtualClock();
 *   const store = createMemoryTaskStore({ clock });
 *   const harness: TaskStoreHarness = {
 *     open: () => Promise.resolve(store),
 *     advance: (ms) => clock.advance(ms),
 *     unitMs: 1000,
 *   };
 *   await run(harness);
 * }
 * ```
 */
export const taskStoreContract: readonly ContractCase<TaskStoreHarness>[] = [
  ...toContract(enqueueCases),
  ...toContract(claimCases),
  ...toContract(settleCases),
  ...toContract(leaseCases),
];
