import type { PriorityHandle, PriorityQueue } from '../../collections/priority-queue.ts';
import { checkFunction, invalidOption } from '../../errors/invalid-option.ts';
import { onAbort } from '../../internal/abort-hub.ts';
import type { Clock } from '../../time/clock.ts';
import { toMilliseconds } from '../../time/duration.ts';
import { timeoutError } from '../timeout/race-deadline.ts';
import type { Operation } from '../run.ts';
import type { PoolTaskOptions } from './task-pool-types.ts';

type Grant = (turn: PoolTask | Promise<never>) => void;

/** One executor for all: a closure of its own costs each task more than its place in the queue. */
let newestGrant: Grant;
const keepGrant = (grant: Grant): void => void (newestGrant = grant);

/** Tasks of one key, and the place of the key among the others. */
export interface KeyedTasks {
  /** `undefined`: the tasks that have none. */
  readonly key: string | undefined;
  readonly waiting: PriorityQueue<PoolTask>;
  running: number;
  /** Among the keys whose next task may start; `undefined` while there is none or the key has all it may have. */
  place: PriorityHandle | undefined;
  rank: number;
  /** Who had the last turn longest ago goes first. */
  turn: number;
  /** When it had its last turn; a key that just had one has not waited yet. */
  sinceMs: number;
}

interface TaskTimes {
  readonly timeoutMs: number | undefined;
  readonly maxWaitMs?: number | undefined;
  /** When the task came, where the pool ages its tasks. */
  readonly sinceMs: number;
}

/** One task of a pool, from `add` until it has ended. */
export class PoolTask {
  readonly operation: Operation<unknown>;
  priority: number;
  readonly key: string | undefined;
  readonly id: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly maxWaitMs: number | undefined;
  readonly sinceMs: number;
  /** Where it waits, if it is movable, and with whom; written by the queue alone. */
  place: PriorityHandle | undefined = undefined;
  group: KeyedTasks | undefined = undefined;
  /** Its order of arrival and its place among those that may be pushed out; written by them alone. */
  arrival = 0;
  victimPlace: PriorityHandle | undefined = undefined;
  #grant: Grant | undefined = undefined;
  #unlimit: (() => void) | undefined = undefined;

  constructor(operation: Operation<unknown>, { priority = 0, key, id, signal }: PoolTaskOptions, times: TaskTimes) {
    this.operation = operation;
    this.priority = priority;
    this.key = key;
    this.id = id;
    this.signal = signal;
    this.timeoutMs = times.timeoutMs;
    this.maxWaitMs = times.maxWaitMs;
    this.sinceMs = times.sinceMs;
  }

  /** Whether it may leave the queue otherwise than by its turn; all others need not remember their place. */
  get isMovable(): boolean {
    return this.id !== undefined || this.signal !== undefined || this.maxWaitMs !== undefined || this.victimPlace !== undefined;
  }

  /** Resolves with the task itself when its turn comes, and rejects when it is dropped. */
  wait(): Promise<PoolTask> {
    const turn = new Promise<PoolTask>(keepGrant);
    this.#grant = newestGrant;
    return turn;
  }

  /** Calls `drop`, which has to reject the task, when its signal aborts or it has waited for too long. */
  limitWait(clock: Clock, drop: (reason: unknown) => void): void {
    const { signal, maxWaitMs } = this;
    if (signal === undefined && maxWaitMs === undefined) return;
    const unlink = signal && onAbort(signal, () => drop(signal.reason));
    const timer = maxWaitMs === undefined ? undefined : clock.setTimeout(() => drop(timeoutError(maxWaitMs)), maxWaitMs);
    this.#unlimit = () => {
      unlink?.();
      if (timer !== undefined) clock.clearTimeout(timer);
    };
  }

  grant(): void {
    this.#unlimit?.();
    this.#grant?.(this);
  }

  reject(reason: unknown): void {
    this.#unlimit?.();
    this.#grant?.(Promise.reject(reason));
  }
}

/**
 * Reads what `add` was given; `times` has what the pool gives to all.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function createPoolTask(operation: Operation<unknown>, options: PoolTaskOptions | undefined, times: TaskTimes): PoolTask {
  checkFunction('operation', operation);
  if (options === undefined) return new PoolTask(operation, {}, times);
  const { priority, key, id, timeout, maxWait } = options;
  if (priority !== undefined) checkPriority(priority);
  if (key !== undefined) checkName('key', key);
  if (id !== undefined) checkName('id', id);
  if (timeout === undefined && maxWait === undefined) return new PoolTask(operation, options, times);
  return new PoolTask(operation, options, {
    timeoutMs: timeout === undefined ? times.timeoutMs : toMilliseconds(timeout, 'timeout'),
    maxWaitMs: maxWait === undefined ? undefined : toMilliseconds(maxWait, 'maxWait'),
    sinceMs: times.sinceMs,
  });
}

/**
 * Checks a priority.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function checkPriority(priority: number): void {
  if (typeof priority !== 'number' || Number.isNaN(priority)) throw invalidOption('priority', 'a number', priority);
}

function checkName(name: string, value: string): void {
  if (typeof value !== 'string') throw invalidOption(name, 'a text', value);
}
