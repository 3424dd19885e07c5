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
export { constant, exponential, linear, type Backoff, type ExponentialOptions, type Jitter, type LinearOptions } from './resilience/backoff.ts';
export { retry, retryLayer, withRetry, type RetryLayerOptions } from './resilience/retry.ts';
export type { RetryEvent, RetryOptions } from './resilience/retry-options.ts';
export { timeout, timeoutLayer, type TimeoutLayerOptions, type TimeoutOptions } from './resilience/timeout.ts';
export type { LayerSignal } from './resilience/layer-signal.ts';
export type { Operation, Outcome, Run } from './resilience/run.ts';
export { createSemaphore, semaphoreLayer, type SemaphoreLayerOptions } from './resilience/semaphore.ts';
export type { AcquireOptions, Semaphore, SemaphoreLease, SemaphoreOptions } from './resilience/semaphore-types.ts';
export {
  circuitBreakerLayer,
  createCircuitBreaker,
  type CircuitBreakerLayerOptions,
} from './resilience/circuit-breaker.ts';
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
} from './resilience/circuit-breaker-types.ts';
export {
  bulkheadLayer,
  createBulkhead,
  type Bulkhead,
  type BulkheadLayerOptions,
  type BulkheadOptions,
  type BulkheadRunOptions,
} from './resilience/bulkhead.ts';
export { createSingleFlight, type SingleFlight, type SingleFlightOptions } from './resilience/single-flight.ts';
export { hedge, type HedgeOptions } from './resilience/hedge.ts';
export {
  fallback,
  fallbackLayer,
  type FallbackLayerOptions,
  type FallbackOptions,
  type Substitute,
} from './resilience/fallback.ts';
export { createRetryBudget, type RetryBudget, type RetryBudgetOptions } from './resilience/retry-budget.ts';
export { retrySync, type RetrySyncOptions } from './resilience/retry-sync.ts';
export { parseRetryAfter } from './resilience/parse-retry-after.ts';
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
} from './limits/idempotency.ts';
export type { IdempotentRun } from './limits/held-key.ts';
export { createMemoryIdempotencyStore, type MemoryIdempotencyStoreOptions } from './limits/memory-idempotency-store.ts';
export type { IdempotencyBegin, IdempotencyStore } from './limits/idempotency-store.ts';
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
