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
export { silentLogger, type LogMethod, type Logger } from './logging/logger.ts';
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
