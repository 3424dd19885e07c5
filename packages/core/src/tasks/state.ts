import { TunicError } from '../errors/tunic-error.ts';

/**
 * Where a task stands. `scheduled`: not due yet. `queued`: due, waiting for a worker. `running`: leased to a worker.
 * The other three are final.
 */
export type TaskState = 'scheduled' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** What can happen to a task. */
export type TaskEvent =
  /** Its time has come. */
  | 'promote'
  /** A worker took it. */
  | 'claim'
  /** Its handler returned. */
  | 'succeed'
  /** Its handler failed for the last time. */
  | 'fail'
  /** Its handler failed and may try again later. */
  | 'retry'
  /** Its worker gave it back unstarted. */
  | 'release'
  /** Its lease ran out, and it may run again. */
  | 'lapse'
  /** Its lease ran out once too often. */
  | 'crash'
  /** Somebody called it off. */
  | 'cancel';

/** Every state, in the order of a task's life. */
export const TASK_STATES: readonly TaskState[] = ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled'];

/** Every event. */
export const TASK_EVENTS: readonly TaskEvent[] = [
  'promote',
  'claim',
  'succeed',
  'fail',
  'retry',
  'release',
  'lapse',
  'crash',
  'cancel',
];

const MOVES: Readonly<Record<TaskState, Partial<Record<TaskEvent, TaskState>>>> = {
  scheduled: { promote: 'queued', cancel: 'cancelled' },
  queued: { claim: 'running', cancel: 'cancelled' },
  running: {
    succeed: 'succeeded',
    fail: 'failed',
    retry: 'scheduled',
    release: 'queued',
    lapse: 'queued',
    crash: 'failed',
    cancel: 'cancelled',
  },
  succeeded: {},
  failed: {},
  cancelled: {},
};

/**
 * The whole table of a task's moves: the state after `event`, or `undefined` where the move is forbidden. Every store
 * does exactly these moves.
 *
 * @example
 * ```ts
 * import { nextTaskState } from '@tunic/core';
 *
 * nextTaskState('running', 'succeed'); // 'succeeded'
 * nextTaskState('succeeded', 'cancel'); // undefined
 * ```
 */
export function nextTaskState(state: TaskState, event: TaskEvent): TaskState | undefined {
  return MOVES[state][event];
}

/** Whether a task in this state will never move again. */
export function isFinalState(state: TaskState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/**
 * {@link nextTaskState} for those who have made sure that the move is allowed.
 *
 * @throws `ERR_TUNIC_TASK_STATE` when it is not
 */
export function moveTask(state: TaskState, event: TaskEvent): TaskState {
  const next = MOVES[state][event];
  if (next === undefined) throw new TunicError('ERR_TUNIC_TASK_STATE', `a ${state} task cannot ${event}`);
  return next;
}
