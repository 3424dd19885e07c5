import { TunicError } from '../../errors/tunic-error.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock, Timer } from '../../time/clock.ts';
import type { ActiveRun } from './active-run.ts';
import type { WorkerStore } from './limited-store.ts';

/** What a {@link LeaseKeeper} needs. */
export interface LeaseKeeperOptions {
  store: WorkerStore;
  clock: Clock;
  logger: Logger;
  leaseMs: number;
}

/** Progress is stored at most this often. */
const PROGRESS_INTERVAL_MS = 250;

/**
 * Holds the leases of a worker: one call renews them all three times within a lease and carries their progress along.
 * A run whose lease is gone is aborted and let go.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #runs = new Set<ActiveRun>();
  #renewTimer: Timer | undefined;
  #progressTimer: Timer | undefined;
  #underWay: Promise<void> | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#runs.size;
  }

  hold(run: ActiveRun): void {
    this.#runs.add(run);
    this.#renewTimer ??= this.#later(this.#options.leaseMs / 3);
  }

  /** Lets go of all runs; their leases run out. */
  close(): void {
    this.#runs.clear();
    this.#clearTimers();
  }

  letGo(run: ActiveRun): void {
    this.#runs.delete(run);
    if (this.#runs.size === 0) this.#clearTimers();
  }

  /** Stores the run's progress soon. */
  noteProgress(): void {
    if (this.#progressTimer !== undefined || this.#runs.size === 0) return;
    const { clock } = this.#options;
    this.#progressTimer = clock.setTimeout(
      () => {
        this.#progressTimer = undefined;
        void this.#renewSoon([...this.#runs].filter((run) => run.hasProgress));
      },
      PROGRESS_INTERVAL_MS,
      { unref: true },
    );
  }

  /** Stores what progress there is of these runs now. */
  async flushProgress(runs: readonly ActiveRun[]): Promise<void> {
    const dirty = runs.filter((run) => run.hasProgress && this.#runs.has(run));
    if (dirty.length > 0) await this.#renewSoon(dirty);
  }

  /** Asks the store at once which leases still stand. */
  check(): void {
    void this.#renewSoon([...this.#runs]);
  }

  #later(ms: number): Timer {
    return this.#options.clock.setTimeout(
      () => {
        this.#renewTimer = this.#later(this.#options.leaseMs / 3);
        // A store that has not answered the last renewal may never do so.
        if (this.#underWay !== undefined) this.#loseOverdue();
        this.check();
      },
      ms,
      { unref: true },
    );
  }

  #clearTimers(): void {
    for (const timer of [this.#renewTimer, this.#progressTimer])
      if (timer !== undefined) this.#options.clock.clearTimeout(timer);
    this.#renewTimer = undefined;
    this.#progressTimer = undefined;
  }

  /** One renewal at a time: two that overtake each other could store older progress over newer. */
  async #renewSoon(runs: readonly ActiveRun[]): Promise<void> {
    while (this.#underWay !== undefined) await this.#underWay;
    const held = runs.filter((run) => this.#runs.has(run));
    if (held.length === 0) return;
    this.#underWay = this.#renew(held);
    await this.#underWay;
  }

  async #renew(runs: readonly ActiveRun[]): Promise<void> {
    const { store, clock, leaseMs, logger } = this.#options;
    const sentAt = clock.monotonic();
    const renewals = runs.map((run) => ({ run, progress: run.takeProgress() }));
    try {
      const replies = await store.renew(
        renewals.map(({ run, progress }) => ({
          id: run.task.id,
          fence: run.task.fence,
          ...(progress === undefined ? {} : { progress }),
        })),
        leaseMs,
      );
      renewals.forEach(({ run }, index) => {
        const reply = replies[index] ?? 'lost';
        if (reply === 'held') run.leasedAtMs = sentAt;
        else this.#lose(run, reply);
      });
    } catch (error) {
      logger.warn({ err: error, leases: runs.length }, 'leases could not be renewed');
      for (const { run, progress } of renewals) run.returnProgress(progress);
      this.#loseOverdue();
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Without a confirmed renewal for a whole lease, others may run these tasks already. */
  #loseOverdue(): void {
    const latest = this.#options.clock.monotonic() - this.#options.leaseMs;
    for (const run of [...this.#runs]) if (run.leasedAtMs <= latest) this.#lose(run, 'lost');
  }

  #lose(run: ActiveRun, reply: 'lost' | 'cancelled'): void {
    if (!this.#runs.has(run)) return;
    this.letGo(run);
    const error =
      reply === 'cancelled'
        ? new TunicError('ERR_TUNIC_TASK_CANCELLED', `task ${run.id} was cancelled`)
        : new TunicError('ERR_TUNIC_LEASE_LOST', `the lease on task ${run.id} was lost`, { retryable: true });
    this.#options.logger.warn({ taskId: run.id, task: run.name }, error.message);
    run.abort(reply, error);
  }
}
