import type { Duration } from '../time/duration.ts';
import type { CancelReply } from './store.ts';
import type { TaskSnapshot } from './task-snapshot.ts';

/** A task that was enqueued. */
export interface TaskHandle<Output = unknown> {
  readonly id: string;
  /** `false`: the id was known already, and the task that had it stays as it is. */
  readonly created: boolean;
  /**
   * The result, once the task has succeeded. Asks the store now and then, so a lost notice delays it and no more.
   *
   * @throws `ERR_TUNIC_TASK_FAILED` with the task's last error as cause, `ERR_TUNIC_TASK_CANCELLED`,
   * `ERR_TUNIC_TASK_NOT_FOUND` (its retention is over), `ERR_TUNIC_TIMEOUT`, `ERR_TUNIC_CLOSED`, or the signal's
   * reason; none of them changes the task
   */
  result(options?: { timeout?: Duration; signal?: AbortSignal }): Promise<Output>;
  /** Where the task stands; `undefined` once its retention is over. */
  get(): Promise<TaskSnapshot | undefined>;
  /** Calls the task off, in any state. */
  cancel(): Promise<CancelReply>;
}
