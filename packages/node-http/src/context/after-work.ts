import { AsyncResource } from 'node:async_hooks';
import { type Background, type Clock, type Logger, TunicError, toMilliseconds } from '@tunic/core';
import { writeLog } from '../errors/write-log.ts';
import type { AfterOptions } from './http-context.ts';

/** One piece of work, bound to the async context that asked for it. */
export interface AfterWork {
  run: (signal: AbortSignal) => unknown;
  timeoutMs: number | undefined;
  name: string;
  requestId: () => string;
}

/** Checks the options of `after` and binds the work. */
export function prepareAfterWork(
  run: (signal: AbortSignal) => unknown,
  options: AfterOptions,
  requestId: () => string,
): AfterWork {
  return {
    run: AsyncResource.bind(run),
    timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout, 'timeout'),
    name: options.name ?? (run.name === '' ? 'after' : run.name),
    requestId,
  };
}

/** Runs the work of all requests of a stack on its background and knows what is still to come. */
export class AfterWorkers {
  readonly #background: Background;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #running = new Set<AbortController>();
  readonly #onIdle: () => void;
  #forcedBy: { reason: unknown } | undefined;
  pending = 0;

  constructor(background: Background, logger: Logger, clock: Clock, onIdle: () => void) {
    this.#background = background;
    this.#logger = logger;
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  start(work: AfterWork): void {
    this.pending += 1;
    try {
      this.#background.add(() => this.#run(work));
    } catch (error) {
      this.#report(work, error, 'background work was not started');
      this.#done();
    }
  }

  /** Aborts what runs, and drops what has not begun. */
  abort(reason: unknown): void {
    this.#forcedBy = { reason };
    for (const controller of this.#running) controller.abort(reason);
  }

  async #run(work: AfterWork): Promise<void> {
    const controller = new AbortController();
    const timer =
      work.timeoutMs === undefined
        ? undefined
        : this.#clock.setTimeout(() => controller.abort(timedOut(work)), work.timeoutMs, { unref: true });
    this.#running.add(controller);
    try {
      if (this.#forcedBy !== undefined) throw this.#forcedBy.reason;
      await work.run(controller.signal);
    } catch (error) {
      this.#report(work, error, 'background work failed');
    } finally {
      if (timer !== undefined) this.#clock.clearTimeout(timer);
      this.#running.delete(controller);
      this.#done();
    }
  }

  #done(): void {
    this.pending -= 1;
    if (this.pending === 0) this.#onIdle();
  }

  #report(work: AfterWork, error: unknown, message: string): void {
    writeLog(this.#logger, 'error', { err: error, work: work.name, requestId: work.requestId() }, message);
  }
}

function timedOut(work: AfterWork): TunicError {
  return new TunicError('ERR_TUNIC_TIMEOUT', `${work.name} took longer than ${work.timeoutMs ?? 0} ms`);
}
