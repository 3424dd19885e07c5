import type { Middleware } from '../../compose/compose.ts';
import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { CountingSemaphore } from './counting-semaphore.ts';
import { type LayerSignal, signalFor } from '../layer-signal.ts';
import { AttemptRun, type Operation } from '../run.ts';
import type { AcquireOptions, Semaphore } from './semaphore-types.ts';

/** Options of {@link createBulkhead}. */
export interface BulkheadOptions {
  /** How many calls run at a time; 10 by default. */
  concurrency?: number;
  /** How many more may wait; 0 by default, `Infinity` is allowed. */
  maxQueue?: number;
  clock?: Clock;
}

/** How a call waits for its turn. */
export type BulkheadRunOptions = Omit<AcquireOptions, 'permits'>;

/** Keeps one kind of work from taking everything: so many calls run, so many wait, and the rest is refused. */
export interface Bulkhead extends Disposable {
  /** Calls that would run at once if they came now. */
  readonly available: number;
  /** Calls that wait. */
  readonly waiting: number;
  /**
   * Runs an operation in its turn, in the async context of this call. A call counts as running until the operation has
   * ended, whether or not anybody still waits for it. Once taken in, a call is never refused for want of room. The
   * signal ends a wait; a running operation gets it as `run.signal`.
   *
   * @throws (rejects) what the operation throws, unchanged; `ERR_TUNIC_QUEUE_FULL` (retryable); the signal's reason when
   * it aborts before the operation starts; `ERR_TUNIC_TIMEOUT` when `timeout` passes before; `ERR_TUNIC_CLOSED`
   */
  run<T>(operation: Operation<T>, options?: BulkheadRunOptions): Promise<T>;
  /** Resolves when nothing runs and nobody waits; it does not keep others from coming. */
  drain(options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Takes in no more calls and rejects those that wait with `ERR_TUNIC_CLOSED`; running ones go on. */
  close(): void;
}

/** Options of {@link bulkheadLayer}. */
export interface BulkheadLayerOptions<C> extends Omit<BulkheadRunOptions, 'signal'> {
  signal?: LayerSignal<C> | undefined;
}

class SemaphoreBulkhead implements Bulkhead {
  readonly #semaphore: Semaphore;
  readonly #runLimits: ConstructorParameters<typeof AttemptRun>[2];

  constructor(semaphore: Semaphore, clock: Clock) {
    this.#semaphore = semaphore;
    this.#runLimits = { clock, deadlineMs: Infinity, limited: false };
  }

  get available(): number {
    return this.#semaphore.available;
  }

  get waiting(): number {
    return this.#semaphore.waiting;
  }

  run<T>(operation: Operation<T>, options?: BulkheadRunOptions): Promise<T> {
    return this.#semaphore.run(() => operation(new AttemptRun(1, options?.signal, this.#runLimits)), options);
  }

  drain(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    return this.#semaphore.drain(options);
  }

  close(): void {
    this.#semaphore.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Creates a bulkhead: at most `concurrency` calls run and `maxQueue` wait at any time.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { createBulkhead } from '@tunic/core';
 *
 * const reports = createBulkhead({ concurrency: 2, maxQueue: 10 });
 * await reports.run(({ signal }) => (signal.aborted ? 'off' : 'at most two at once'), { timeout: '1s' });
 * ```
 */
export function createBulkhead(options: BulkheadOptions = {}): Bulkhead {
  const { concurrency = 10, maxQueue = 0, clock = systemClock } = options;
  checkInteger('concurrency', concurrency, 1);
  if (maxQueue !== Infinity) checkInteger('maxQueue', maxQueue, 0);
  return new SemaphoreBulkhead(new CountingSemaphore(concurrency, { maxQueue, order: 'fifo', clock }), clock);
}

/**
 * A layer that runs everything inside it through a bulkhead, which several stacks may share.
 *
 * @throws `ERR_TUNIC_OPTION` when `bulkhead` is none; its calls reject as {@link Bulkhead.run} does
 * @example
 * ```ts
 * import { bulkheadLayer, compose, createBulkhead } from '@tunic/core';
 *
 * await compose<object, string>([bulkheadLayer(createBulkhead({ concurrency: 5 })), () => 'at most five at once'])({});
 * ```
 */
export function bulkheadLayer<C, R = unknown>(bulkhead: Bulkhead, options?: BulkheadLayerOptions<C>): Middleware<C, R> {
  if (typeof (bulkhead as Partial<Bulkhead> | undefined)?.run !== 'function') throw invalidOption('bulkhead', 'a bulkhead', bulkhead);
  if (options === undefined) return (_context, next) => bulkhead.run(next);
  const { signal, ...rest } = options;
  return (context, next) => bulkhead.run(next, { ...rest, signal: signalFor(signal, context) });
}
