import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { exponential } from '../../resilience/retry/backoff.ts';
import type { Settlement, SettleReply, TaskOutcome } from '../store.ts';
import type { ActiveRun } from './active-run.ts';
import type { WorkerStore } from './limited-store.ts';

/** What a {@link Settler} needs. */
export interface SettlerOptions {
  store: WorkerStore;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Called before the outcomes of these runs are stored. */
  beforeSettle: (runs: readonly ActiveRun[]) => Promise<void>;
  /** Called once the store has answered for a run. */
  onSettled: (run: ActiveRun, reply: SettleReply) => void;
}

interface Entry {
  run: ActiveRun;
  outcome: TaskOutcome;
}

const MAX_BATCH = 1000;
const RETRY = exponential({ base: 50, max: 2_000, jitter: 'equal' });

/**
 * Stores outcomes: all that came while a call was under way go into the next one, and a call that failed is repeated
 * until the store has answered or the lease is lost.
 */
export class Settler {
  readonly #options: SettlerOptions;
  #waiting: Entry[] = [];
  #flushing: Promise<void> | undefined;
  readonly #giveUp = new AbortController();

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  add(run: ActiveRun, outcome: TaskOutcome): void {
    this.#waiting.push({ run, outcome });
    this.#flushing ??= this.#flush();
  }

  /** Resolves once nothing waits; never rejects. */
  async idle(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  /** Ends repeated attempts; what is not stored by then comes back when its lease runs out. */
  abandon(): void {
    this.#giveUp.abort();
  }

  async #flush(): Promise<void> {
    // One microtask turn gathers the runs that end together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      await this.#options.beforeSettle(batch.map(({ run }) => run));
      await this.#settle(batch.filter(({ run }) => !this.#isLost(run)));
    }
    this.#flushing = undefined;
  }

  async #settle(entries: readonly Entry[]): Promise<void> {
    const { store, clock, random, logger, onSettled } = this.#options;
    let pending = entries;
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      try {
        const replies = await store.settle(pending.map(settlementOf));
        pending.forEach(({ run }, index) => onSettled(run, replies[index] ?? 'lost'));
        return;
      } catch (error) {
        logger.error({ err: error, settlements: pending.length }, 'outcomes could not be stored; trying again');
        await clock.sleep(RETRY(attempt, 0, random), this.#giveUp.signal).catch(() => undefined);
        pending = this.#giveUp.signal.aborted ? [] : pending.filter(({ run }) => !this.#isLost(run));
      }
    }
  }

  /** A run that was lost meanwhile has nothing left to settle. */
  #isLost(run: ActiveRun): boolean {
    if (run.isLost) this.#options.onSettled(run, 'lost');
    return run.isLost;
  }
}

function settlementOf({ run, outcome }: Entry): Settlement {
  return { id: run.task.id, fence: run.task.fence, ...outcome };
}
