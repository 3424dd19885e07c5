export { createSeededRandom } from './seeded-random.ts';
export {
  createVirtualClock,
  type VirtualClock,
  type VirtualClockOptions,
} from './virtual-clock.ts';
export type { VirtualNodeClock } from './virtual-node-clock.ts';
export type { ContractCase } from './contract.ts';
export type { IdempotencyStoreHarness } from './idempotency-contract-kit.ts';
export { idempotencyStoreContract } from './idempotency-store-contract.ts';
export { taskStoreContract } from './task-store-contract.ts';
export type { TaskStoreHarness } from './task-store/harness.ts';
