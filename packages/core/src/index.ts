export { systemClock, sleepOn, type Clock, type Timer } from './time/clock.ts';
export { toMilliseconds, type Duration } from './time/duration.ts';
export {
  TunicError,
  describeError,
  isTunicError,
  type ErrorDescription,
  type TunicErrorCode,
  type TunicErrorOptions,
} from './errors/tunic-error.ts';
export { systemRandom } from './time/random.ts';
export { invalidOption } from './errors/invalid-option.ts';
export { callHook, silentLogger, type LogMethod, type Logger } from './logging/logger.ts';
export { compose, type Composed, type Middleware, type Next } from './compose/compose.ts';
export { repeatable } from './compose/repeatable.ts';
export { constant, exponential, linear, type Backoff, type ExponentialOptions, type Jitter, type LinearOptions } from './resilience/retry/backoff.ts';
export { retry, retryLayer, withRetry, type RetryLayerOptions } from './resilience/retry/retry.ts';
export type { RetryEvent, RetryOptions } from './resilience/retry/retry-options.ts';
export { timeout, timeoutLayer, type TimeoutLayerOptions, type TimeoutOptions } from './resilience/timeout/timeout.ts';
export type { LayerSignal } from './resilience/layer-signal.ts';
export type { Operation, Outcome, Run } from './resilience/run.ts';
export { createSemaphore, semaphoreLayer, type SemaphoreLayerOptions } from './resilience/semaphore/semaphore.ts';
export type { AcquireOptions, Semaphore, SemaphoreLease, SemaphoreOptions } from './resilience/semaphore/semaphore-types.ts';
export {
  circuitBreakerLayer,
  createCircuitBreaker,
  type CircuitBreakerLayerOptions,
} from './resilience/circuit-breaker/circuit-breaker.ts';
export type {
  CircuitBreaker,
  CircuitBreakerOptions,
  CircuitBreakerSnapshot,
  CircuitIsolation,
  CircuitState,
  CircuitStateChange,
  HalfOpenOptions,
  WindowBucket,
  WindowSnapshot,
} from './resilience/circuit-breaker/circuit-breaker-types.ts';
export {
  bulkheadLayer,
  createBulkhead,
  type Bulkhead,
  type BulkheadLayerOptions,
  type BulkheadOptions,
  type BulkheadRunOptions,
} from './resilience/semaphore/bulkhead.ts';
export { createSingleFlight, type SingleFlight, type SingleFlightOptions } from './resilience/single-flight.ts';
export { hedge, type HedgeOptions } from './resilience/hedge.ts';
export {
  fallback,
  fallbackLayer,
  type FallbackLayerOptions,
  type FallbackOptions,
  type Substitute,
} from './resilience/fallback.ts';
export { createRetryBudget, type RetryBudget, type RetryBudgetOptions } from './resilience/retry/retry-budget.ts';
export { retrySync, type RetrySyncOptions } from './resilience/retry/retry-sync.ts';
export { parseRetryAfter } from './resilience/retry/parse-retry-after.ts';
export { createMutex, type LockLease, type Mutex, type MutexAcquireOptions } from './resilience/semaphore/mutex.ts';
export { createReadWriteLock } from './resilience/semaphore/read-write-lock.ts';
export type {
  LockPreference,
  LockWaitOptions,
  ReadWriteLock,
  ReadWriteLockOptions,
} from './resilience/semaphore/read-write-lock-types.ts';
export {
  mapConcurrent,
  type ItemMapper,
  type ItemSource,
  type MapConcurrentOptions,
} from './resilience/map-concurrent.ts';
export { createTaskPool } from './resilience/task-pool/task-pool.ts';
export type {
  PoolTaskOptions,
  TaskPool,
  TaskPoolOptions,
  TaskPoolOverflow,
  TaskPoolStats,
} from './resilience/task-pool/task-pool-types.ts';
export {
  createPriorityQueue,
  type PriorityHandle,
  type PriorityQueue,
  type PriorityQueueOptions,
} from './collections/priority-queue.ts';
export {
  bindContext,
  captureContext,
  createContextKey,
  runWithContext,
  type ContextEntries,
  type ContextKey,
  type ContextKeyWithDefault,
  type Snapshot,
} from './context/context.ts';
export {
  createBackground,
  type Background,
  type BackgroundCloseOptions,
  type BackgroundCloseReport,
  type BackgroundJobOptions,
  type BackgroundOptions,
} from './lifecycle/background.ts';
export {
  createLifespan,
  type Lifespan,
  type LifespanOptions,
  type LifespanStep,
  type LifespanStepRun,
} from './lifecycle/lifespan.ts';
export {
  createIdempotency,
  type Idempotency,
  type IdempotencyOptions,
  type IdempotencyResult,
  type IdempotencyRunOptions,
} from './limits/idempotency/idempotency.ts';
export type { IdempotentRun } from './limits/idempotency/held-key.ts';
export { createMemoryIdempotencyStore, type MemoryIdempotencyStoreOptions } from './limits/idempotency/memory-idempotency-store.ts';
export type { IdempotencyBegin, IdempotencyStore } from './limits/idempotency/idempotency-store.ts';
export {
  createRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
  type RateLimitWaitOptions,
} from './limits/rate-limit/rate-limiter.ts';
export type { Rate } from './limits/rate-limit/rate.ts';
export { rateLimitLayer, type RateLimitLayerOptions } from './limits/rate-limit/rate-limit-layer.ts';
export {
  createMemoryRateLimitStore,
  type MemoryRateLimitStore,
  type MemoryRateLimitStoreOptions,
} from './limits/rate-limit/memory-rate-limit-store.ts';
export type {
  RateLimitAlgorithm,
  RateLimitResult,
  RateLimitRule,
  RateLimitStore,
} from './limits/rate-limit/rate-limit-store.ts';
export { createCache, type Cache, type CacheWrapOptions } from './limits/cache/cache.ts';
export type { CacheOptions } from './limits/cache/cache-options.ts';
export type { CacheRun } from './limits/cache/cache-flight.ts';
export { cached, type CachedOptions } from './limits/cache/cached.ts';
export { createMemoryCacheStore, type MemoryCacheStoreOptions } from './limits/cache/memory-cache-store.ts';
export type { CacheEntry, CacheStore } from './limits/cache/cache-store.ts';
export { createLock, type Lock, type LockAcquireOptions, type LockOptions, type LockTryOptions } from './limits/lock/lock.ts';
export type { HeldLock } from './limits/lock/held-lock.ts';
export { createMemoryLockStore, type MemoryLockStoreOptions } from './limits/lock/memory-lock-store.ts';
export type { LockAcquire, LockStore } from './limits/lock/lock-store.ts';
export { createTasks, type ListOptions, type Tasks, type TasksOptions, type WorkerOptions } from './tasks/create-tasks.ts';
export { crashError } from './tasks/crash-error.ts';
export { defineTask, type TaskDefinition, type TaskOptions } from './tasks/define-task.ts';
export type { EnqueueOptions, EnqueueRequest } from './tasks/enqueue.ts';
export { createMemoryTaskStore, type MemoryTaskStoreOptions } from './tasks/memory-store.ts';
export type { StandardIssue, StandardResult, StandardSchema } from './tasks/standard-schema.ts';
export type { TaskHandle } from './tasks/task-handle.ts';
export type { TaskRun } from './tasks/task-run.ts';
export type { TaskSnapshot } from './tasks/task-snapshot.ts';
export type { TaskContext } from './tasks/worker/execute.ts';
export type { StopOptions, Worker } from './tasks/worker/worker.ts';
export {
  TASK_EVENTS,
  TASK_STATES,
  isFinalState,
  moveTask,
  nextTaskState,
  type TaskEvent,
  type TaskState,
} from './tasks/state.ts';
export type {
  CancelReply,
  ClaimRequest,
  ClaimedTask,
  EnqueueReply,
  NewTask,
  ReapReport,
  Renewal,
  RenewReply,
  SettleReply,
  Settlement,
  TaskFilter,
  TaskHint,
  TaskLease,
  TaskOutcome,
  TaskRecord,
  TaskStore,
} from './tasks/store.ts';
