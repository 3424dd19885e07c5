import { compose, type Middleware } from '../compose/compose.ts';
import { checkInteger, checkText, invalidOption } from '../errors/invalid-option.ts';
import { TunicError } from '../errors/tunic-error.ts';
import { type Logger, silentLogger } from '../logging/logger.ts';
import { exponential } from '../resilience/retry/backoff.ts';
import { retry } from '../resilience/retry/retry.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type Duration, toMilliseconds } from '../time/duration.ts';
import { systemRandom } from '../time/random.ts';
import { checkQueue, type TaskDefinition } from './define-task.ts';
import { type EnqueueOptions, type EnqueueRequest, newTask } from './enqueue.ts';
import { ResultWatcher } from './result-watcher.ts';
import type { TaskState } from './state.ts';
import type { CancelReply, EnqueueReply, NewTask, TaskStore } from './store.ts';
import type { TaskHandle } from './task-handle.ts';
import { snapshotOf, type TaskSnapshot } from './task-snapshot.ts';
import type { TaskContext } from './worker/execute.ts';
import { TaskWorker, type Worker } from './worker/worker.ts';

/** Options of {@link createTasks}. */
export interface TasksOptions {
  /** Where tasks are kept. Its owner disposes it, after {@link Tasks.close}. */
  store: TaskStore;
  /** What workers made here can run. Enqueueing needs no entry. */
  tasks: readonly TaskDefinition[];
  /** Layers around every run, the first outermost. */
  middleware?: readonly Middleware<TaskContext>[];
  /** Default: writes nothing. */
  logger?: Logger;
  clock?: Clock;
  random?: () => number;
}

/** Options of `tasks.worker`. */
export interface WorkerOptions {
  /** Queues to work on, the most urgent first. Default: the queues of all definitions. */
  queues?: readonly string[];
  /** Handlers at work at once. Default 10. */
  concurrency?: number;
  /** How long the store waits for a sign of life before it gives a task to somebody else. Default `'10s'`. */
  lease?: Duration;
  /** How often to look for work that no hint told of. Default `'1s'`. */
  poll?: Duration;
  /** Names the worker in the store; must be unique among live workers. Default: a random UUID. */
  id?: string;
}

/** Which tasks `tasks.list` returns; all conditions hold together. */
export interface ListOptions {
  states?: readonly TaskState[];
  queue?: string;
  name?: string;
  /** Only tasks that arrived before the one with this `seq`: the last one of the page before. */
  before?: number;
  /** From 1 to 1000. Default 100. */
  limit?: number;
}

/** Enqueues tasks, watches them and makes workers; made by {@link createTasks}. */
export interface Tasks extends AsyncDisposable {
  /**
   * Stores a task and resolves once it is stored. A store that fails for the moment is asked again, twice, under the
   * same id.
   *
   * @throws `ERR_TUNIC_TASK_INPUT`, `ERR_TUNIC_OPTION`, or the store's error
   */
  enqueue<Input, Output>(
    task: TaskDefinition<Input, Output>,
    input: Input,
    options?: EnqueueOptions,
  ): Promise<TaskHandle<Output>>;
  /** Stores tasks in one step, all or none; handles stand in the order of the requests. */
  enqueueMany<Input, Output>(requests: readonly EnqueueRequest<Input, Output>[]): Promise<TaskHandle<Output>[]>;
  /** The handle of a task that was enqueued before, here or elsewhere; says nothing of whether it exists. */
  handle<Output>(id: string): TaskHandle<Output>;
  /** Where a task stands; `undefined` for one that never was or whose retention is over. */
  get(id: string): Promise<TaskSnapshot | undefined>;
  /** Tasks, newest arrival first. */
  list(options?: ListOptions): Promise<TaskSnapshot[]>;
  /** Calls a task off, in any state; the handler of a running one sees its signal abort. */
  cancel(id: string): Promise<CancelReply>;
  /** A worker on this store; it does nothing until it is started. */
  worker(options?: WorkerOptions): Worker;
  /** Stops the workers made here and ends all waits for results. The store stays open. */
  close(): Promise<void>;
}

class TaskClient implements Tasks {
  readonly #options: TasksOptions;
  readonly #store: TaskStore;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #definitions: ReadonlyMap<string, TaskDefinition>;
  readonly #watcher: ResultWatcher;
  readonly #workers = new Set<Worker>();
  #closed = false;

  constructor(options: TasksOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#logger = options.logger ?? silentLogger;
    this.#definitions = byName(options.tasks);
    this.#watcher = new ResultWatcher(this.#store, this.#clock, this.#logger);
  }

  async enqueue<Input, Output>(
    task: TaskDefinition<Input, Output>,
    input: Input,
    options: EnqueueOptions = {},
  ): Promise<TaskHandle<Output>> {
    const [reply] = await this.#add([await newTask(task, input, options)]);
    return this.#handleOf<Output>(reply as EnqueueReply);
  }

  async enqueueMany<Input, Output>(requests: readonly EnqueueRequest<Input, Output>[]): Promise<TaskHandle<Output>[]> {
    const tasks = await Promise.all(requests.map(({ task, input, ...options }) => newTask(task, input, options)));
    return (await this.#add(tasks)).map((reply) => this.#handleOf<Output>(reply));
  }

  handle<Output>(id: string): TaskHandle<Output> {
    return this.#handleOf<Output>({ id, created: false });
  }

  async get(id: string): Promise<TaskSnapshot | undefined> {
    const [record] = await this.#store.get([id]);
    return record && snapshotOf(record);
  }

  async list(options: ListOptions = {}): Promise<TaskSnapshot[]> {
    const { states, queue, name, before, limit = 100 } = options;
    const records = await this.#store.list({
      ...(states && { states }),
      ...(queue === undefined ? {} : { queue }),
      ...(name === undefined ? {} : { name }),
      ...(before === undefined ? {} : { beforeSeq: before }),
      limit: checkInteger('limit', limit, 1, 1000),
    });
    return records.map(snapshotOf);
  }

  async cancel(id: string): Promise<CancelReply> {
    const [reply] = await this.#store.cancel([id]);
    return reply ?? 'missing';
  }

  worker(options: WorkerOptions = {}): Worker {
    this.#checkOpen();
    const queues = options.queues ?? [...new Set([...this.#definitions.values()].map(({ queue }) => queue))];
    if (queues.length === 0) throw invalidOption('queues', 'at least one queue, or a definition that has one', queues);
    const leaseMs = toMilliseconds(options.lease ?? '10s', 'lease');
    if (leaseMs < 100) throw invalidOption('lease', 'at least 100 ms', options.lease);
    const worker = new TaskWorker({
      id: checkText('id', options.id ?? crypto.randomUUID(), 200),
      queues: queues.map(checkQueue),
      concurrency: checkInteger('concurrency', options.concurrency ?? 10, 1, 10_000),
      leaseMs,
      pollMs: toMilliseconds(options.poll ?? '1s', 'poll'),
      store: this.#store,
      clock: this.#clock,
      random: this.#random,
      logger: this.#logger,
      definitions: this.#definitions,
      onion: compose(this.#options.middleware ?? []),
      enqueue: (task, input, enqueueOptions) => this.enqueue(task, input, enqueueOptions),
    });
    this.#workers.add(worker);
    return worker;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
    this.#watcher.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(tasks: readonly NewTask[]): Promise<EnqueueReply[]> {
    this.#checkOpen();
    return retry(() => this.#store.enqueue(tasks), {
      ...ENQUEUE_RETRY,
      clock: this.#clock,
      random: this.#random,
    });
  }

  #handleOf<Output>({ id, created }: EnqueueReply): TaskHandle<Output> {
    return {
      id,
      created,
      result: ({ timeout, signal } = {}) => {
        this.#checkOpen();
        const timeoutMs = timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout');
        return this.#watcher.wait(id, timeoutMs, signal) as Promise<Output>;
      },
      get: () => this.get(id),
      cancel: () => this.cancel(id),
    };
  }

  #checkOpen(): void {
    if (this.#closed) throw new TunicError('ERR_TUNIC_CLOSED', 'tasks were closed');
  }
}

const ENQUEUE_RETRY = { attempts: 3, backoff: exponential({ base: 50, max: 1_000, jitter: 'full' }) };

function byName(tasks: readonly TaskDefinition[]): ReadonlyMap<string, TaskDefinition> {
  const definitions = new Map<string, TaskDefinition>();
  for (const task of tasks) {
    if (definitions.has(task.name)) throw invalidOption('tasks', 'definitions with different names', task.name);
    definitions.set(task.name, task);
  }
  return definitions;
}

/**
 * Binds task definitions to a store: enqueue here, run in workers of this process or of any other on the same store.
 * Every task that was stored runs at least once, whatever dies meanwhile; see {@link TaskStore} for what holds.
 *
 * @throws `ERR_TUNIC_OPTION` naming the option that is wrong
 * @example
 * ```ts
 * import { createMemoryTaskStore, createTasks, defineTask } from '@tunic/core';
 *
 * const add = defineTask({ name: 'add', run: ({ a, b }: { a: number; b: number }) => a + b });
 * await using tasks = createTasks({ store: createMemoryTaskStore(), tasks: [add] });
 * await tasks.worker({ concurrency: 2 }).start();
 *
 * const handle = await tasks.enqueue(add, { a: 1, b: 2 });
 * console.log(await handle.result({ timeout: '5s' })); // 3
 * ```
 */
export function createTasks(options: TasksOptions): Tasks {
  return new TaskClient(options);
}
