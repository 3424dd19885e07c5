import { TunicError } from '../../errors/tunic-error.ts';
import { Bell } from '../../internal/bell.ts';
import { callHook, type Logger } from '../../logging/logger.ts';
import { exponential } from '../../resilience/retry/backoff.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';
import type { ClaimedTask, ClaimRequest, SettleReply, TaskStore } from '../store.ts';
import { ActiveRun, type RunHost } from './active-run.ts';
import { execute, type Execution, type RunEnd } from './execute.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { limitCalls, type WorkerStore } from './limited-store.ts';
import { Reaper } from './reaper.ts';
import { Settler } from './settler.ts';

/** Runs tasks; made by `tasks.worker()`. */
export interface Worker extends AsyncDisposable {
  readonly id: string;
  /** Handlers at work now. */
  readonly running: number;
  /**
   * Begins to claim and run tasks, and keeps the process alive until it is stopped. Starting again does nothing.
   *
   * @throws `ERR_TUNIC_CLOSED` when it was stopped
   */
  start(): Promise<void>;
  /**
   * Stops in two phases: claims nothing more and lets handlers finish for `grace` (10 s), then aborts their signals and
   * gives them `abortGrace` (1 s). A run cut short this way goes back to its queue and spends no attempt; one that
   * ignores its signal is left to its lease. Never rejects; calling it again waits for the same stop.
   */
  stop(options?: StopOptions): Promise<void>;
}

/** How long a stop may take. */
export interface StopOptions {
  grace?: Duration;
  abortGrace?: Duration;
}

/** All that a worker is made of. */
export interface WorkerParts extends Execution {
  readonly id: string;
  readonly store: TaskStore;
  readonly logger: Logger;
  readonly enqueue: RunHost['enqueue'];
  readonly queues: readonly string[];
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly pollMs: number;
}

const CLAIM_RETRY = exponential({ base: 100, max: 5_000, jitter: 'equal' });
const REAP_INTERVAL_MS = 1_000;

/** The worker: one claim loop, and the keeper, settler and reaper beside it. */
export class TaskWorker implements Worker {
  readonly id: string;
  readonly #parts: WorkerParts;
  readonly #store: WorkerStore;
  readonly #host: RunHost;
  readonly #keeper: LeaseKeeper;
  readonly #settler: Settler;
  readonly #runs = new Set<ActiveRun>();
  /** What to call once the outcome of a run is stored. */
  readonly #notices = new Map<ActiveRun, () => unknown>();
  /** Rung when there may be work. */
  readonly #work: Bell;
  /** Rung when there is room, or when the stop has come a step further. */
  readonly #room: Bell;
  readonly #giveUp = new AbortController();
  #reaper: Reaper | undefined;
  #unwake: (() => void) | undefined;
  #loop: Promise<void> | undefined;
  #isLooping = false;
  #claims = 0;
  #stopping: Promise<void> | undefined;

  constructor(parts: WorkerParts) {
    const { id, store, clock, random, logger, leaseMs, enqueue } = parts;
    this.id = id;
    this.#parts = parts;
    this.#store = limitCalls(store, leaseMs, clock);
    this.#work = new Bell(clock);
    this.#room = new Bell(clock);
    this.#keeper = new LeaseKeeper({ store: this.#store, clock, logger, leaseMs });
    this.#settler = new Settler({
      ...{ store: this.#store, clock, random, logger },
      beforeSettle: (runs) => this.#keeper.flushProgress(runs),
      onSettled: (run, reply) => this.#settled(run, reply),
    });
    this.#host = { logger, enqueue, noteProgress: () => this.#keeper.noteProgress() };
  }

  get running(): number {
    return this.#runs.size;
  }

  start(): Promise<void> {
    if (this.#stopping !== undefined)
      return Promise.reject(new TunicError('ERR_TUNIC_CLOSED', 'the worker was stopped; make a new one'));
    if (this.#loop === undefined) {
      const { store, queues, clock, random, logger } = this.#parts;
      this.#unwake = store.wake(({ kind, queue }) => {
        if (kind === 'work' && queues.includes(queue)) this.#work.ring();
        else if (kind === 'cancel' && queues.includes(queue)) this.#keeper.check();
      });
      this.#reaper = new Reaper({
        ...{ store: this.#store, clock, random, logger },
        intervalMs: REAP_INTERVAL_MS,
        onWork: () => this.#work.ring(),
      });
      this.#loop = this.#claimLoop();
    }
    return Promise.resolve();
  }

  stop(options: StopOptions = {}): Promise<void> {
    const graceMs = toMilliseconds(options.grace ?? '10s', 'grace');
    const abortGraceMs = toMilliseconds(options.abortGrace ?? '1s', 'abortGrace');
    this.#stopping ??= this.#stop(graceMs, abortGraceMs);
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(graceMs: number, abortGraceMs: number): Promise<void> {
    this.#work.ring();
    this.#room.ring();
    const isDone = (): boolean => !this.#isLooping && this.#runs.size === 0 && this.#keeper.size === 0;
    await this.#until(isDone, graceMs);
    if (!isDone()) {
      const reason = new TunicError('ERR_TUNIC_CLOSED', 'the worker is stopping', { retryable: true });
      for (const run of this.#runs) run.abort('stopped', reason);
      await this.#until(isDone, abortGraceMs);
    }
    this.#giveUp.abort();
    this.#settler.abandon();
    this.#reaper?.stop();
    this.#unwake?.();
    if (isDone()) return;
    this.#keeper.close();
    this.#parts.logger.warn(
      { worker: this.id, running: this.#runs.size },
      'the worker stopped before all its tasks were settled; they come back when their leases run out',
    );
  }

  async #until(condition: () => boolean, ms: number): Promise<void> {
    const { clock } = this.#parts;
    const deadline = clock.monotonic() + ms;
    for (let left = ms; !condition() && left > 0; left = deadline - clock.monotonic()) await this.#room.wait(left);
  }

  async #claimLoop(): Promise<void> {
    this.#isLooping = true;
    while (this.#stopping === undefined) {
      const room = this.#freeRoom();
      if (room <= 0) {
        await this.#room.wait();
        continue;
      }
      this.#work.reset();
      const claimed = await this.#claim(room);
      for (const run of claimed) this.#begin(run);
      if (claimed.length < room && !this.#isStopping()) await this.#work.wait(this.#parts.pollMs);
    }
    this.#isLooping = false;
    this.#room.ring();
  }

  /** The claim loop must look again after each await. */
  #isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Outcomes that wait to be stored take room too, so that a slow store slows the claims. */
  #freeRoom(): number {
    const { concurrency } = this.#parts;
    return Math.min(concurrency - this.#runs.size, 2 * concurrency - this.#keeper.size);
  }

  /** Repeats one claim until it is answered: a reply that was lost may have leased tasks to this worker. */
  async #claim(limit: number): Promise<ActiveRun[]> {
    const { queues, leaseMs, clock, random, logger } = this.#parts;
    const request: ClaimRequest = {
      requestId: `${this.id}:${(this.#claims += 1)}`,
      ...{ worker: this.id, queues, limit, leaseMs },
    };
    const askedAt = clock.monotonic();
    for (let attempt = 1; !this.#giveUp.signal.aborted; attempt += 1) {
      try {
        return (await this.#store.claim(request)).map((task) => this.#hold(task, askedAt));
      } catch (error) {
        logger.error({ err: error, worker: this.id }, 'tasks could not be claimed; trying again');
        const delayMs = CLAIM_RETRY(attempt, 0, random);
        await clock.sleep(delayMs, this.#giveUp.signal).catch(() => undefined);
      }
    }
    return [];
  }

  #hold(task: ClaimedTask, askedAt: number): ActiveRun {
    const run = new ActiveRun(task, askedAt, this.#host);
    this.#keeper.hold(run);
    return run;
  }

  #begin(run: ActiveRun): void {
    if (this.#isStopping()) {
      this.#settler.add(run, { kind: 'release' });
      return;
    }
    this.#runs.add(run);
    void execute(run, this.#parts).then((end) => this.#end(run, end));
  }

  #end(run: ActiveRun, end: RunEnd): void {
    this.#runs.delete(run);
    if (end === undefined) this.#keeper.letGo(run);
    else {
      if (end.notify !== undefined) this.#notices.set(run, end.notify);
      this.#settler.add(run, end.outcome);
    }
    this.#room.ring();
  }

  #settled(run: ActiveRun, reply: SettleReply): void {
    const notify = this.#notices.get(run);
    this.#notices.delete(run);
    this.#keeper.letGo(run);
    this.#room.ring();
    if (reply === 'settled') {
      if (notify !== undefined) callHook(this.#parts.logger, `${run.name} outcome`, notify);
    } else this.#parts.logger.warn({ taskId: run.id, task: run.name }, 'the outcome of a run that lost its lease was dropped');
  }
}
