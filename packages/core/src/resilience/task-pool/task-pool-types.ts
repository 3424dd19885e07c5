import type { Rate } from '../../limits/rate-limit/rate.ts';
import type { Clock } from '../../time/clock.ts';
import type { Duration } from '../../time/duration.ts';
import type { Operation } from '../run.ts';
import type { StartWindow } from './task-pool-gate.ts';

/**
 * What happens when a task comes and the queue is full. `'reject'`: the newcomer rejects. `'drop-oldest'`: the one that
 * came first of all that wait rejects. `'drop-lowest'`: the least urgent rejects, the newest among equals, and that may
 * be the newcomer. All with `ERR_TUNIC_QUEUE_FULL`.
 */
export type TaskPoolOverflow = 'reject' | 'drop-oldest' | 'drop-lowest';

/** Options of {@link createTaskPool}. */
export interface TaskPoolOptions {
  /** How many tasks run at once; `Infinity` for a pool that only limits the rate. */
  concurrency: number;
  /** How many tasks may wait; without limit by default. */
  maxQueue?: number;
  /** `'reject'` by default. */
  overflow?: TaskPoolOverflow;
  /** The wait that is worth one step of priority, so that nothing waits for ever; by default waiting changes nothing. */
  aging?: Duration;
  /** How many tasks may start within any window of time: `'10/s'`, `'5/30s'`, or `{ limit: 10, window: '1s' }`. */
  rate?: Rate;
  /** For tasks that have a key: how many of one key run at once; by default as many as of all. */
  key?: { concurrency: number };
  /** {@link PoolTaskOptions.timeout} of every task that has none of its own. */
  timeout?: Duration;
  clock?: Clock;
}

/** The options of a pool, read. */
export interface TaskPoolSettings {
  readonly maxQueue: number;
  readonly overflow: TaskPoolOverflow;
  readonly agingMs: number;
  readonly window: StartWindow | undefined;
  readonly perKey: number;
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
}

/** How {@link TaskPool.add} places a task. */
export interface PoolTaskOptions {
  /** Lower numbers start first, equal ones in order of arrival; 0 by default. */
  priority?: number;
  /** Takes a waiting task out of the queue; rejects with its reason, also while the task runs. */
  signal?: AbortSignal | undefined;
  /** How long the task may run, from its start on; then `run.signal` aborts and `add` rejects with `ERR_TUNIC_TIMEOUT`. */
  timeout?: Duration;
  /** How long the task may wait; then `add` rejects with `ERR_TUNIC_TIMEOUT`. */
  maxWait?: Duration;
  /** Keys take turns among tasks of equal priority; tasks without a key share one turn. */
  key?: string;
  /** A name for {@link TaskPool.setPriority}; no two waiting tasks have the same. */
  id?: string;
}

/** What a {@link TaskPool} has done so far. */
export interface TaskPoolStats {
  /** Tasks that resolved. */
  readonly succeeded: number;
  /** Tasks that rejected after their start, of themselves, by a time-out or by an abort. */
  readonly failed: number;
  /** Tasks that never started: aborted, waited too long, pushed out, cleared, or of a closed pool. */
  readonly dropped: number;
}

/** Runs functions a few at a time, in order of priority. Every promise that it gives out settles. */
export interface TaskPool extends AsyncDisposable {
  /** How many tasks wait. */
  readonly size: number;
  /** How many tasks run, those included that were timed out or aborted and have not ended yet. */
  readonly running: number;
  readonly isPaused: boolean;
  readonly stats: TaskPoolStats;
  /**
   * Runs an operation as soon as its turn comes, in the async context of this call, and settles as it does. With room
   * it starts at once, before this returns. After a time-out or an abort it keeps its place until it has really ended.
   *
   * @throws (rejects) what `operation` throws; the signal's reason; `ERR_TUNIC_TIMEOUT`, `ERR_TUNIC_QUEUE_FULL` (both
   * retryable); `ERR_TUNIC_DROPPED` or what {@link TaskPool.clear} was given; `ERR_TUNIC_CLOSED`; `ERR_TUNIC_OPTION`
   */
  add<T>(operation: Operation<T>, options?: PoolTaskOptions): Promise<T>;
  /**
   * Gives a waiting task another priority in O(log n); the time that it has waited counts on. `false`: no task of this
   * id waits.
   *
   * @throws `ERR_TUNIC_OPTION` when the priority is NaN or no number
   */
  setPriority(id: string, priority: number): boolean;
  /**
   * Changes how many tasks run at once. With fewer, running ones go on and none starts until enough ended.
   *
   * @throws `ERR_TUNIC_OPTION`
   */
  resize(concurrency: number): void;
  /** Starts nothing more until {@link TaskPool.resume}. */
  pause(): void;
  resume(): void;
  /** Rejects all tasks that wait with `reason`, `ERR_TUNIC_DROPPED` by default, and returns how many they were. */
  clear(reason?: unknown): number;
  /** Resolves when no task waits; more may come. Rejects with the signal's reason. */
  onEmpty(options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Resolves when no task waits or runs; more may come. Rejects with the signal's reason. */
  onIdle(options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Takes no more tasks, rejects those that wait with `ERR_TUNIC_CLOSED`, and resolves when those that run have ended. */
  close(): Promise<void>;
}
