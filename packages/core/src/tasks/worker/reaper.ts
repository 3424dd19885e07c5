import type { Logger } from '../../logging/logger.ts';
import type { Clock, Timer } from '../../time/clock.ts';
import type { WorkerStore } from './limited-store.ts';

/** What a {@link Reaper} needs. */
export interface ReaperOptions {
  store: WorkerStore;
  clock: Clock;
  random: () => number;
  logger: Logger;
  intervalMs: number;
  /** Called when a pass gave tasks back to their queues. */
  onWork: () => void;
}

const LIMIT = 1000;

/** Lets the store do its maintenance now and then, at moments that differ between workers. */
export class Reaper {
  readonly #options: ReaperOptions;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: ReaperOptions) {
    this.#options = options;
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
  }

  #schedule(): void {
    const { clock, random, intervalMs } = this.#options;
    this.#timer = clock.setTimeout(() => void this.#pass(), intervalMs * (0.75 + 0.5 * random()), { unref: true });
  }

  async #pass(): Promise<void> {
    const { store, logger, onWork } = this.#options;
    try {
      let more = true;
      while (more && !this.#stopped) {
        const report = await store.reap(LIMIT);
        more = report.more;
        if (report.promoted + report.lapsed > 0) onWork();
        if (report.lapsed + report.crashed > 0) logger.warn({ ...report }, 'tasks came back from lost workers');
      }
    } catch (error) {
      logger.error({ err: error }, 'maintenance of the task store failed; trying again');
    }
    if (!this.#stopped) this.#schedule();
  }
}
