import { abortable } from '../../internal/abortable.ts';
import type { Clock } from '../../time/clock.ts';
import { raceDeadline } from '../timeout/race-deadline.ts';
import { AttemptRun, type Run } from '../run.ts';
import type { PoolTask } from './task-pool-task.ts';

/** An operation that may be given up before it has ended, and then goes on unheard. */
export class TaskRace {
  readonly #task: PoolTask;
  readonly #ended: () => void;
  #hasEnded = false;
  #isLeft = false;

  /** @param ended - called once, when the operation has ended and nobody waits for it in here any more */
  constructor(task: PoolTask, ended: () => void) {
    this.#task = task;
    this.#ended = ended;
  }

  /** Settles as the operation does, or at its time-out or abort. */
  run(clock: Clock): Promise<unknown> {
    const { signal, timeoutMs } = this.#task;
    if (timeoutMs === undefined)
      return abortable(this.#work(new AttemptRun(1, signal, { clock, deadlineMs: Infinity, limited: false })), signal);
    const run = new AttemptRun(1, signal, { clock, deadlineMs: clock.monotonic() + timeoutMs, limited: true });
    const operation = (): Promise<unknown> => this.#work(run);
    return raceDeadline(operation, run, { clock, ms: timeoutMs, signal, fallback: undefined, late: () => undefined });
  }

  /** To be called once, when {@link TaskRace.run} has settled. */
  leave(): void {
    this.#isLeft = true;
    if (this.#hasEnded) this.#ended();
  }

  async #work(run: Run): Promise<unknown> {
    try {
      return await this.#task.operation(run);
    } finally {
      this.#hasEnded = true;
      if (this.#isLeft) this.#ended();
    }
  }
}
