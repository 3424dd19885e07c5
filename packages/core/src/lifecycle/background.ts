import { bindContext } from '../context/context.ts';
import { checkFunction, checkInteger, invalidOption } from '../errors/invalid-option.ts';
import { TunicError, isTunicError } from '../errors/tunic-error.ts';
import { onAbort } from '../internal/abort-hub.ts';
import { abortable } from '../internal/abortable.ts';
import { type Logger, callHook, silentLogger } from '../logging/logger.ts';
import type { Semaphore } from '../resilience/semaphore/semaphore-types.ts';
import { createSemaphore } from '../resilience/semaphore/semaphore.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type Duration, toMilliseconds } from '../time/duration.ts';

/** Options of {@link createBackground}. */
export interface BackgroundOptions {
  /** How many jobs run at once; 10 by default. */
  concurrency?: number;
  /** How many jobs may wait; 10,000 by default. */
  maxQueue?: number;
  /** Told of each job that failed, or was dropped by `close()` (`ERR_TUNIC_CLOSED`), besides the logger. */
  onError?: (error: unknown, job: { name: string; args: readonly unknown[] }) => unknown;
  logger?: Logger;
  clock?: Clock;
}

/** How {@link Background.schedule} places a job. */
export interface BackgroundJobOptions {
  /** Lower numbers run first, equal ones in order of arrival; 0 by default. */
  priority?: number;
  /** When it aborts before the job starts, the job is dropped and not reported. A running job is not touched. */
  signal?: AbortSignal | undefined;
}

/** How {@link Background.close} ends. */
export interface BackgroundCloseOptions {
  /** How long running and waiting jobs have to finish; `'10s'` by default. */
  grace?: Duration;
  /** How long running jobs have after {@link Background.signal} aborted; `'1s'` by default. */
  abortGrace?: Duration;
  /** Ends this call's wait with its reason; the closing itself goes on. */
  signal?: AbortSignal | undefined;
}

/** What {@link Background.close} could not finish. */
export interface BackgroundCloseReport {
  /** Jobs that never started. */
  readonly dropped: number;
  /** Jobs that still run. */
  readonly abandoned: number;
}

/** Runs functions that nobody waits for, a few at a time, and loses none on the way out. */
export interface Background extends AsyncDisposable {
  /** Jobs that wait for their turn. */
  readonly size: number;
  /** Jobs that have their turn. */
  readonly running: number;
  /** Aborts when `close()` has waited out its grace, or has finished: for jobs that can stop early. */
  readonly signal: AbortSignal;
  /**
   * Queues `fn(...args)`, which never starts before this returns, and runs in the context of this call. What it throws
   * or rejects with is reported and touches nothing else.
   *
   * @throws `ERR_TUNIC_QUEUE_FULL` (retryable), `ERR_TUNIC_CLOSED`
   */
  add<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void;
  /**
   * {@link Background.add} with a priority and a signal.
   *
   * @throws `ERR_TUNIC_QUEUE_FULL` (retryable), `ERR_TUNIC_CLOSED`, `ERR_TUNIC_OPTION`
   */
  schedule<A extends unknown[]>(options: BackgroundJobOptions, fn: (...args: A) => unknown, ...args: A): void;
  /**
   * Resolves when nothing waits or runs, the jobs added meanwhile included; jobs may be added still.
   *
   * @throws (rejects) the signal's reason; `ERR_TUNIC_TIMEOUT`
   */
  drain(options?: { signal?: AbortSignal | undefined; timeout?: Duration }): Promise<void>;
  /**
   * Takes no more jobs and waits up to `grace` for those it has. Then it drops those that wait, aborts
   * {@link Background.signal} and waits up to `abortGrace` for those that run. Never rejects but with the reason of
   * `signal`; further calls wait for the first one, with its limits.
   */
  close(options?: BackgroundCloseOptions): Promise<BackgroundCloseReport>;
}

interface Job {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly run: () => unknown;
}

class BackgroundImplementation implements Background {
  readonly #semaphore: Semaphore;
  readonly #concurrency: number;
  readonly #maxQueue: number;
  readonly #onError: BackgroundOptions['onError'];
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #started = 0;
  #closing: Promise<BackgroundCloseReport> | undefined;

  constructor(options: BackgroundOptions) {
    this.#concurrency = checkInteger('concurrency', options.concurrency ?? 10, 1);
    this.#maxQueue = checkInteger('maxQueue', options.maxQueue ?? 10_000, 0);
    if (options.onError !== undefined) checkFunction('onError', options.onError);
    this.#onError = options.onError;
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
    this.#semaphore = createSemaphore(this.#concurrency, { clock: this.#clock });
  }

  get size(): number {
    return this.#semaphore.waiting;
  }

  get running(): number {
    return this.#concurrency - this.#semaphore.available;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  add<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    this.schedule({}, fn, ...args);
  }

  schedule<A extends unknown[]>(options: BackgroundJobOptions, fn: (...args: A) => unknown, ...args: A): void {
    const { priority = 0, signal } = options;
    checkFunction('fn', fn);
    if (typeof priority !== 'number' || Number.isNaN(priority)) throw invalidOption('priority', 'a number', priority);
    if (this.#closing !== undefined) throw closed('the background takes no more jobs');
    if (this.#semaphore.available === 0 && this.size >= this.#maxQueue)
      throw new TunicError('ERR_TUNIC_QUEUE_FULL', `${this.size} background jobs wait already`, { retryable: true });
    void this.#process({ name: fn.name, args, run: bindContext(() => fn(...args)) }, priority, signal);
  }

  async drain(options: { signal?: AbortSignal | undefined; timeout?: Duration } = {}): Promise<void> {
    const { signal, timeout } = options;
    if (timeout === undefined) return this.#semaphore.drain({ signal });
    const timeoutMs = toMilliseconds(timeout, 'timeout');
    signal?.throwIfAborted();
    const limit = new AbortController();
    const late = (): void => limit.abort(new TunicError('ERR_TUNIC_TIMEOUT', `background jobs still ran after ${timeoutMs} ms`, { retryable: true }));
    const timer = this.#clock.setTimeout(late, timeoutMs);
    const unlink = signal === undefined ? undefined : onAbort(signal, () => limit.abort(signal.reason));
    try {
      await this.#semaphore.drain({ signal: limit.signal });
    } finally {
      this.#clock.clearTimeout(timer);
      unlink?.();
    }
  }

  async close(options: BackgroundCloseOptions = {}): Promise<BackgroundCloseReport> {
    const graceMs = toMilliseconds(options.grace ?? '10s', 'grace');
    const abortGraceMs = toMilliseconds(options.abortGrace ?? '1s', 'abortGrace');
    this.#closing ??= this.#shutDown(graceMs, abortGraceMs);
    return abortable(this.#closing, options.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(graceMs: number, abortGraceMs: number): Promise<BackgroundCloseReport> {
    if (graceMs > 0) await this.#idleWithin(graceMs);
    const dropped = this.size + this.running - this.#started;
    this.#semaphore.close();
    this.#ended.abort(closed('the background was closed'));
    if (abortGraceMs > 0) await this.#idleWithin(abortGraceMs);
    return { dropped, abandoned: this.#started };
  }

  async #idleWithin(ms: number): Promise<void> {
    if (this.size + this.running === 0) return;
    try {
      await this.drain({ timeout: ms });
    } catch (error) {
      if (!isTunicError(error, 'ERR_TUNIC_TIMEOUT')) throw error;
    }
  }

  /** Goes on in the async context of its caller, where the platform keeps one. */
  async #process(job: Job, priority: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#semaphore.run(() => this.#start(job, signal), { priority, signal });
    } catch {
      // A job's own failure does not come here: it never got its turn.
      if (signal?.aborted !== true) this.#report(closed('the background was closed before the job started'), job);
    }
  }

  async #start(job: Job, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#ended.signal.throwIfAborted();
    this.#started++;
    try {
      await job.run();
    } catch (error) {
      this.#report(error, job);
    } finally {
      this.#started--;
    }
  }

  #report(error: unknown, { name, args }: Job): void {
    callHook(this.#logger, 'logger', () => this.#logger.error({ err: error, job: name }, 'background job failed'));
    const onError = this.#onError;
    if (onError !== undefined) callHook(this.#logger, 'onError', () => onError(error, { name, args }));
  }
}

function closed(message: string): TunicError {
  return new TunicError('ERR_TUNIC_CLOSED', message);
}

/**
 * Makes a place for work that may happen after the reply: mails, caches, audit lines.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createBackground } from '@tunic/core';
 *
 * const background = createBackground({ concurrency: 5, onError: (error) => console.error(error) });
 * background.add((to: string) => console.log('mail to', to), 'ada@example.com');
 * background.schedule({ priority: -1 }, () => console.log('first of those that wait'));
 * await background.close({ grace: '5s' });
 * ```
 */
export function createBackground(options: BackgroundOptions = {}): Background {
  return new BackgroundImplementation(options);
}
