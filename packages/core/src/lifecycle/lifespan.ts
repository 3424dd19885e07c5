import { checkFunction, checkText, invalidOption } from '../errors/invalid-option.ts';
import { TunicError, describeError } from '../errors/tunic-error.ts';
import { onAbort } from '../internal/abort-hub.ts';
import { type Logger, silentLogger } from '../logging/logger.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type Duration, toMilliseconds } from '../time/duration.ts';
import { runBounded } from './bounded-step.ts';

/** What a step's functions receive. */
export interface LifespanStepRun {
  /**
   * In `start`: aborts when the start is given up (time-out, abort, `stop()`) and, once it succeeded, when the step's turn
   * to stop has come, so that a loop begun there can live by it. In `stop`: aborts at the time-out.
   */
  readonly signal: AbortSignal;
}

/** One part of a service that is started and stopped with it. */
export interface LifespanStep {
  /** Names the step in logs and errors; no two steps share one. */
  name: string;
  /** Makes the part ready; the next step starts when it resolves. If it fails, its own `stop` is not called. */
  start?: (run: LifespanStepRun) => unknown;
  /** Undoes `start`; the step before it stops when it resolves. */
  stop?: (run: LifespanStepRun) => unknown;
  /** The limit for `start` and for `stop`, each; none by default. */
  timeout?: Duration;
}

/** Options of {@link createLifespan}. */
export interface LifespanOptions {
  /** Hears of every step with its duration; silent by default. */
  logger?: Logger;
  clock?: Clock;
}

/** Starts the parts of a service in order and stops them in reverse. */
export interface Lifespan extends AsyncDisposable {
  /** Appends a step. Throws `ERR_TUNIC_OPTION` for a bad step, a name given twice, or once `start()` was called. */
  add(step: LifespanStep): void;
  /**
   * Starts all steps one after another, once; further calls return the same promise. When one fails, or `signal` aborts,
   * those already started are stopped in reverse, and it rejects: with `ERR_TUNIC_LIFESPAN`, whose cause is an
   * `AggregateError` of the failure and of all that failed while stopping; with the signal's reason; or with
   * `ERR_TUNIC_CLOSED` when `stop()` came first. A start that comes through after it was given up is stopped then.
   */
  start(options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Stops what was started, in reverse, once; further calls return the same promise. Every step gets its turn whatever
   * the others do; then it rejects with `ERR_TUNIC_LIFESPAN`, whose cause is an `AggregateError` of all failures.
   */
  stop(): Promise<void>;
}

const noop = (): void => undefined;

interface Part {
  readonly step: LifespanStep;
  readonly timeoutMs: number | undefined;
  readonly life: AbortController;
}

class LifespanImplementation implements Lifespan {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #parts: Part[] = [];
  readonly #started: Part[] = [];
  readonly #halt = new AbortController();
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: LifespanOptions) {
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
  }

  add(step: LifespanStep): void {
    checkText('name', step.name, 256);
    checkFunction('start', step.start ?? noop);
    checkFunction('stop', step.stop ?? noop);
    if (this.#parts.some((part) => part.step.name === step.name)) throw invalidOption('name', 'a name of its own', step.name);
    if ((this.#starting ?? this.#stopping) !== undefined) throw invalidOption('step', 'to be added before the start', step.name);
    const timeoutMs = step.timeout === undefined ? undefined : toMilliseconds(step.timeout, 'timeout');
    this.#parts.push({ step, timeoutMs, life: new AbortController() });
  }

  start(options: { signal?: AbortSignal } = {}): Promise<void> {
    this.#starting ??= this.#startAll(options.signal);
    return this.#starting;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #startAll(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) this.#halt.abort(signal.reason);
    const unlink = signal === undefined || signal.aborted ? undefined : onAbort(signal, () => this.#halt.abort(signal.reason));
    try {
      for (const part of this.#parts) {
        this.#halt.signal.throwIfAborted();
        await this.#startPart(part);
      }
      this.#halt.signal.throwIfAborted();
    } catch (error) {
      // A stop() that came in between does the stopping, and reports what fails in it.
      const errors = this.#stopping === undefined ? await this.#stopStarted() : [];
      throw this.#halt.signal.aborted ? error : lifespanError('start', [error, ...errors]);
    } finally {
      unlink?.();
    }
  }

  async #startPart(part: Part): Promise<void> {
    const { step, life, timeoutMs } = part;
    const bounds = { clock: this.#clock, name: `start of ${step.name}`, timeoutMs, signal: this.#halt.signal, controller: life };
    await this.#measured('start', part, () => runBounded(() => step.start?.({ signal: life.signal }), bounds, () => void this.#stopPart(part)));
    this.#started.push(part);
  }

  async #stopAll(): Promise<void> {
    this.#halt.abort(new TunicError('ERR_TUNIC_CLOSED', 'the lifespan was stopped'));
    await this.#starting?.catch(noop);
    const errors = await this.#stopStarted();
    if (errors.length > 0) throw lifespanError('stop', errors);
  }

  async #stopStarted(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) errors.push(...(await this.#stopPart(part)));
    return errors;
  }

  async #stopPart(part: Part): Promise<unknown[]> {
    const { step, life, timeoutMs } = part;
    const controller = new AbortController();
    life.abort(new TunicError('ERR_TUNIC_CLOSED', `${step.name} is stopping`));
    try {
      await this.#measured('stop', part, () =>
        runBounded(() => step.stop?.({ signal: controller.signal }), { clock: this.#clock, name: `stop of ${step.name}`, timeoutMs, controller }),
      );
      return [];
    } catch (error) {
      return [error];
    }
  }

  async #measured(action: 'start' | 'stop', { step }: Part, run: () => Promise<void>): Promise<void> {
    const begun = this.#clock.monotonic();
    const fields = (): object => ({ step: step.name, durationMs: this.#clock.monotonic() - begun });
    try {
      await run();
    } catch (error) {
      this.#logger.error({ ...fields(), err: error }, `${action} of ${step.name} failed`);
      throw error;
    }
    this.#logger.info(fields(), `${action} of ${step.name} done`);
  }
}

function lifespanError(action: string, errors: readonly unknown[]): TunicError {
  const messages = errors.map((error) => describeError(error).message).join('; ');
  return new TunicError('ERR_TUNIC_LIFESPAN', `${action} failed: ${messages}`, { cause: new AggregateError(errors, messages) });
}

/**
 * Makes an empty {@link Lifespan}: what a service opens, in the order in which it opens it.
 *
 * @example
 * ```ts
 * import { createLifespan } from '@tunic/core';
 *
 * const lifespan = createLifespan();
 * lifespan.add({ name: 'database', start: () => console.log('open'), stop: () => console.log('close'), timeout: '10s' });
 * lifespan.add({ name: 'server', start: () => console.log('listen'), stop: () => console.log('drain') });
 * await lifespan.start();
 * await lifespan.stop(); // drain, then close
 * ```
 */
export function createLifespan(options: LifespanOptions = {}): Lifespan {
  return new LifespanImplementation(options);
}
