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
