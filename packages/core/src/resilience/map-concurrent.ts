import { checkFunction, checkInteger, invalidOption } from '../errors/invalid-option.ts';
import { onAbort } from '../internal/abort-hub.ts';
import { systemClock } from '../time/clock.ts';
import { AttemptRun, type Outcome, type Run } from './run.ts';

/** Options of {@link mapConcurrent}. */
export interface MapConcurrentOptions {
  /** How many items are worked on at once; `Infinity` for all. */
  concurrency: number;
  /** Ends the call at once with its reason and aborts the signal of those that run, which nobody waits for then. */
  signal?: AbortSignal | undefined;
  /** Goes on after a failure and returns every outcome. */
  settle?: boolean;
}

/** What {@link mapConcurrent} takes items from; a promise among them is awaited in its turn. */
export type ItemSource<T> = Iterable<T | PromiseLike<T>> | AsyncIterable<T | PromiseLike<T>>;

/** What {@link mapConcurrent} calls for each item; `signal` aborts when another item failed or the caller aborted. */
export type ItemMapper<T, R> = (item: T, index: number, run: Pick<Run, 'signal'>) => R | PromiseLike<R>;

type Source<T> = { readonly async: boolean; readonly iterator: Iterator<T> | AsyncIterator<T> };

class ConcurrentMap<T, R> {
  readonly #source: Source<T | PromiseLike<T>>;
  readonly #fn: ItemMapper<T, R>;
  readonly #options: MapConcurrentOptions;
  readonly #run: AttemptRun;
  readonly #results: (R | Outcome<R>)[] = [];
  #started = 0;
  #running = 0;
  #isPulling = false;
  #isExhausted = false;
  #failure: { readonly error: unknown } | undefined = undefined;
  #isAdvancing = false;
  #unlink: (() => void) | undefined = undefined;
  #resolve: (results: (R | Outcome<R>)[]) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;

  constructor(source: Source<T | PromiseLike<T>>, fn: ItemMapper<T, R>, options: MapConcurrentOptions) {
    this.#source = source;
    this.#fn = fn;
    this.#options = options;
    this.#run = new AttemptRun(1, options.signal, { clock: systemClock, deadlineMs: Infinity, limited: true });
  }

  start(): Promise<(R | Outcome<R>)[]> {
    const { signal } = this.#options;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#unlink = signal && onAbort(signal, () => this.#abort(signal.reason));
      this.#advance();
    });
  }

  #advance(): void {
    // A function that throws at once comes back here from within the loop; a call each would overflow the stack.
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    while (this.#mayPull()) this.#pull();
    this.#isAdvancing = false;
    const isOver = this.#isExhausted || this.#failure !== undefined;
    if (isOver && this.#running === 0) void this.#conclude();
  }

  #mayPull(): boolean {
    const isFree = this.#running < this.#options.concurrency;
    return isFree && !this.#isPulling && !this.#isExhausted && this.#failure === undefined;
  }

  #pull(): void {
    try {
      const { async, iterator } = this.#source;
      const next = iterator.next();
      if (async) void this.#await(next);
      else this.#take(next as IteratorResult<T>);
    } catch (error) {
      this.#breakOff(error);
    }
  }

  async #await(next: IteratorResult<T | PromiseLike<T>> | Promise<IteratorResult<T | PromiseLike<T>>>): Promise<void> {
    this.#isPulling = true;
    try {
      const pulled = await next;
      if (this.#failure === undefined) this.#take(pulled);
    } catch (error) {
      this.#breakOff(error);
    } finally {
      this.#isPulling = false;
      this.#advance();
    }
  }

  #take(pulled: IteratorResult<T | PromiseLike<T>>): void {
    if (pulled.done === true) this.#isExhausted = true;
    else void this.#work(pulled.value, this.#started++);
  }

  /** The source failed: it is not to be closed, and no outcome of an item. */
  #breakOff(error: unknown): void {
    this.#isExhausted = true;
    this.#fail(error);
  }

  async #work(value: T | PromiseLike<T>, index: number): Promise<void> {
    this.#running++;
    try {
      const item = isPromiseLike(value) ? await value : value;
      if (this.#failure === undefined) this.#keep(index, await this.#fn(item, index, this.#run));
    } catch (error) {
      if (this.#options.settle === true) this.#results[index] = { error };
      else this.#fail(error);
    } finally {
      this.#running--;
      this.#advance();
    }
  }

  #keep(index: number, value: R): void {
    this.#results[index] = this.#options.settle === true ? { value } : value;
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#run.abort(error);
  }

  #abort(reason: unknown): void {
    this.#fail(reason);
    void this.#closeSource();
    this.#settle();
  }

  async #conclude(): Promise<void> {
    if (this.#failure !== undefined) await this.#closeSource();
    this.#settle();
  }

  #settle(): void {
    this.#unlink?.();
    this.#run.end();
    if (this.#failure === undefined) this.#resolve(this.#results);
    else this.#reject(this.#failure.error);
  }

  /** Waits for the source to close, but not for an item that it may never come up with. */
  async #closeSource(): Promise<void> {
    if (this.#isExhausted) return;
    this.#isExhausted = true;
    try {
      const closing = Promise.resolve(this.#source.iterator.return?.());
      if (this.#isPulling) closing.catch(() => undefined);
      else await closing;
    } catch {
      // What ended the call comes first, as in a for-await loop.
    }
  }
}

/**
 * Calls `fn` for every item, a few at a time, and returns the results in the order of the items. An iterable is pulled
 * only as fast as its items are worked on, and its `return()` is called when the call ends early.
 *
 * The first failure starts nothing more, aborts `run.signal`, and rejects once the calls that run have settled: nothing
 * is left running behind it. With `settle: true` every item has its outcome, `{ value }` or `{ error }`; only a failure
 * of the iterable itself rejects. An abort of `signal` rejects at once, without waiting for the calls that run.
 *
 * @throws (rejects) the first error of `fn`, of an item that is a promise, or of the iterable; the signal's reason;
 * `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { mapConcurrent } from '@tunic/core';
 *
 * const lengths = await mapConcurrent(['a', 'bb', 'ccc'], async (text) => text.length, { concurrency: 2 }); // [1, 2, 3]
 * const outcomes = await mapConcurrent([1, 0], (n) => BigInt(1 / n), { concurrency: 2, settle: true });
 * outcomes[1]?.error instanceof RangeError; // true
 * ```
 */
export function mapConcurrent<T, R>(
  items: ItemSource<T>,
  fn: ItemMapper<T, R>,
  options: MapConcurrentOptions & { settle: true },
): Promise<Outcome<R>[]>;
export function mapConcurrent<T, R>(
  items: ItemSource<T>,
  fn: ItemMapper<T, R>,
  options: MapConcurrentOptions & { settle?: false },
): Promise<R[]>;
export async function mapConcurrent<T, R>(
  items: ItemSource<T>,
  fn: ItemMapper<T, R>,
  options: MapConcurrentOptions,
): Promise<(R | Outcome<R>)[]> {
  checkFunction('fn', fn);
  // An unbounded map over an endless source is nobody's wish, so the bound has no default.
  if (options.concurrency !== Infinity) checkInteger('concurrency', options.concurrency, 1);
  options.signal?.throwIfAborted();
  return new ConcurrentMap(open(items), fn, options).start();
}

function open<T>(items: ItemSource<T>): Source<T | PromiseLike<T>> {
  const source = items as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined;
  if (typeof source?.[Symbol.asyncIterator] === 'function')
    return { async: true, iterator: (items as AsyncIterable<T>)[Symbol.asyncIterator]() };
  if (typeof source?.[Symbol.iterator] === 'function') return { async: false, iterator: (items as Iterable<T>)[Symbol.iterator]() };
  throw invalidOption('items', 'an iterable or async iterable', items);
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
