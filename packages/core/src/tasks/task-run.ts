import type { Logger } from '../logging/logger.ts';
import type { EnqueueOptions } from './enqueue.ts';
import type { TaskDefinition } from './define-task.ts';
import type { TaskHandle } from './task-handle.ts';

/** What a handler knows of its run and can do in it. */
export interface TaskRun {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  /** 1 for the first run, one more for each run that failed. A run lost with its worker does not count. */
  readonly attempt: number;
  /** Runs before this one that were lost with their worker; what they did may have been done. */
  readonly crashes: number;
  /** The same for every run of this task and no other: what the other side needs to drop duplicates. */
  readonly idempotencyKey: string;
  readonly createdAtMs: number;
  /**
   * Aborts when the task is cancelled, its lease is lost, its soft or hard time limit passes, or its worker stops and
   * the grace is over. The reason is a `TunicError` that says which.
   */
  readonly signal: AbortSignal;
  /** The worker's logger with the task's id, name and attempt. */
  readonly log: Logger;
  /**
   * Shows how far the run is, to whoever reads the task; the newest value wins and is stored within a quarter of a
   * second. A run that lost its lease shows nothing.
   *
   * @throws `ERR_TUNIC_TASK_INPUT` when JSON cannot hold the value
   */
  progress(value: unknown): void;
  /** Enqueues another task, as `tasks.enqueue` does. */
  enqueue<Input, Output>(
    task: TaskDefinition<Input, Output>,
    input: Input,
    options?: EnqueueOptions,
  ): Promise<TaskHandle<Output>>;
}
