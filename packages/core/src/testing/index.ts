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
export type { StoreHarness } from './store-harness.ts';
export { rateLimitStoreContract } from './rate-limit-store-contract.ts';
export type { RateLimitStoreHarness } from './rate-limit-store/kit.ts';
export { cacheStoreContract } from './cache-store-contract.ts';
export type { CacheStoreHarness } from './cache-store/cases.ts';
export { lockStoreContract } from './lock-store-contract.ts';
export type { LockStoreHarness } from './lock-store/cases.ts';
