import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { TunicError } from '../../errors/tunic-error.ts';
import type { Clock } from '../../time/clock.ts';
import { AttemptRun, type Operation } from '../run.ts';
import { Moment } from './task-pool-moment.ts';
import { TaskPoolQueue } from './task-pool-queue.ts';
import { RateGate } from './task-pool-gate.ts';
import { TaskRace } from './task-pool-race.ts';
import { type PoolTask, checkPriority, createPoolTask } from './task-pool-task.ts';
import type { PoolTaskOptions, TaskPool, TaskPoolSettings, TaskPoolStats } from './task-pool-types.ts';
import { TaskPoolVictims } from './task-pool-victims.ts';

/** The work of a pool; `createTaskPool` checks the options. */
export class TaskPoolRunner implements TaskPool {
  readonly #settings: TaskPoolSettings;
  readonly #queue: TaskPoolQueue;
  readonly #victims: TaskPoolVictims | undefined;
  readonly #gate: RateGate | undefined;
  readonly #ids = new Map<string, PoolTask>();
  readonly #empty = new Moment();
  readonly #idle = new Moment();
  readonly #unlimited: { readonly clock: Clock; readonly deadlineMs: number; readonly limited: boolean };
  #concurrency: number;
  #running = 0;
  #isPaused = false;
  #isClosed = false;
  #succeeded = 0;
  #failed = 0;
  #dropped = 0;

  constructor(concurrency: number, settings: TaskPoolSettings) {
    this.#concurrency = concurrency;
    this.#settings = settings;
    this.#queue = new TaskPoolQueue(settings.perKey, settings.agingMs);
    const { overflow, window, clock } = settings;
    this.#victims = overflow === 'reject' ? undefined : new TaskPoolVictims(overflow, (task) => this.#queue.rankOf(task));
    this.#gate = window && new RateGate(window, clock, () => this.#serve());
    this.#unlimited = { clock, deadlineMs: Infinity, limited: false };
  }

  get size(): number {
    return this.#queue.size;
  }

  get running(): number {
    return this.#running;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get stats(): TaskPoolStats {
    return { succeeded: this.#succeeded, failed: this.#failed, dropped: this.#dropped };
  }

  add<T>(operation: Operation<T>, options?: PoolTaskOptions): Promise<T> {
    try {
      const task = this.#createTask(operation, options);
      if (this.#isClosed) throw closedError();
      task.signal?.throwIfAborted();
      const turn = this.#admit(task);
      // A continuation runs in its caller's async context, and costs a waiting task half of what an async frame would.
      return (turn === undefined ? this.#start(task) : turn.then(this.#start)) as Promise<T>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  setPriority(id: string, priority: number): boolean {
    checkPriority(priority);
    const task = this.#ids.get(id);
    if (task === undefined) return false;
    task.priority = priority;
    this.#queue.update(task);
    this.#victims?.update(task);
    return true;
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency === Infinity ? concurrency : checkInteger('concurrency', concurrency, 1);
    this.#serve();
  }

  pause(): void {
    this.#isPaused = true;
    this.#serve();
  }

  resume(): void {
    this.#isPaused = false;
    this.#serve();
  }

  clear(reason: unknown = new TunicError('ERR_TUNIC_DROPPED', 'the pool was cleared', { retryable: true })): number {
    const tasks = this.#queue.takeAll();
    for (const task of tasks) this.#remove(task, reason);
    this.#serve();
    return tasks.length;
  }

  async onEmpty(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (this.size > 0) await this.#empty.wait(options.signal);
  }

  async onIdle(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (this.size + this.#running === 0) return;
    await this.#idle.wait(options.signal);
    // Lets those hear first who wait for the last task itself.
    await Promise.resolve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.size > 0) this.clear(closedError());
    await this.onIdle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #createTask(operation: Operation<unknown>, options: PoolTaskOptions | undefined): PoolTask {
    const task = createPoolTask(operation, options, { timeoutMs: this.#settings.timeoutMs, sinceMs: this.#agingNow() });
    if (task.id !== undefined && this.#ids.has(task.id)) throw invalidOption('id', 'one that no waiting task has', task.id);
    return task;
  }

  /** The wait for its turn; `undefined`: it has its turn. */
  #admit(task: PoolTask): Promise<PoolTask> | undefined {
    if (this.#isOpen() && this.#queue.hasRoomFor(task.key)) {
      this.#queue.begin(task);
      this.#countStart();
      return undefined;
    }
    if (this.#queue.size >= this.#settings.maxQueue) this.#makeRoom(task);
    const turn = task.wait();
    this.#victims?.add(task);
    this.#queue.add(task);
    if (task.id !== undefined) this.#ids.set(task.id, task);
    task.limitWait(this.#settings.clock, (reason) => {
      this.#remove(task, reason);
      this.#serve();
    });
    this.#attendGate();
    return turn;
  }

  #makeRoom(task: PoolTask): void {
    const error = new TunicError('ERR_TUNIC_QUEUE_FULL', `${this.size} tasks wait already`, { retryable: true });
    const victim = this.#victims?.victimOf(task);
    if (victim === undefined) {
      this.#dropped++;
      throw error;
    }
    this.#remove(victim, error);
  }

  readonly #start = (task: PoolTask): Promise<unknown> =>
    task.signal === undefined && task.timeoutMs === undefined ? this.#run(task) : this.#runLimited(task);

  async #run(task: PoolTask): Promise<unknown> {
    try {
      const value = await task.operation(new AttemptRun(1, undefined, this.#unlimited));
      this.#succeeded++;
      return value;
    } catch (error) {
      this.#failed++;
      throw error;
    } finally {
      this.#end(task);
    }
  }

  /** A task that is given up keeps its place until it has really ended, so that never more run than may. */
  async #runLimited(task: PoolTask): Promise<unknown> {
    if (task.signal?.aborted === true) {
      this.#dropped++;
      this.#end(task);
      throw task.signal.reason;
    }
    const race = new TaskRace(task, () => this.#end(task));
    try {
      const value = await race.run(this.#settings.clock);
      this.#succeeded++;
      return value;
    } catch (error) {
      this.#failed++;
      throw error;
    } finally {
      race.leave();
    }
  }

  #end(task: PoolTask): void {
    this.#running--;
    this.#queue.end(task);
    this.#serve();
  }

  #isOpen(): boolean {
    return !this.#isPaused && this.#running < this.#concurrency && this.#gate?.isOpen !== false;
  }

  #serve(): void {
    while (this.#isOpen()) {
      const task = this.#queue.take(this.#agingNow());
      if (task === undefined) break;
      this.#forget(task);
      this.#countStart();
      task.grant();
    }
    this.#attendGate();
    if (this.#queue.size > 0) return;
    this.#empty.come();
    if (this.#running === 0) this.#idle.come();
  }

  #countStart(): void {
    this.#running++;
    this.#gate?.count();
  }

  #attendGate(): void {
    this.#gate?.attend(!this.#isPaused && this.#running < this.#concurrency && this.#queue.isReady);
  }

  #remove(task: PoolTask, reason: unknown): void {
    this.#queue.remove(task);
    this.#forget(task);
    this.#dropped++;
    task.reject(reason);
  }

  #forget(task: PoolTask): void {
    this.#victims?.remove(task);
    if (task.id !== undefined) this.#ids.delete(task.id);
  }

  /** Without aging nobody asks, and a look at the clock is dear. */
  #agingNow(): number {
    return this.#settings.agingMs === Infinity ? 0 : this.#settings.clock.monotonic();
  }
}

function closedError(): TunicError {
  return new TunicError('ERR_TUNIC_CLOSED', 'the pool is closed');
}
