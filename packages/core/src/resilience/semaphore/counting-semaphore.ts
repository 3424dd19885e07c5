import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { TunicError } from '../../errors/tunic-error.ts';
import { onAbort } from '../../internal/abort-hub.ts';
import { toMilliseconds } from '../../time/duration.ts';
import { PermitWaiter } from './permit-waiter.ts';
import type { AcquireOptions, Semaphore, SemaphoreLease, SemaphoreOptions } from './semaphore-types.ts';
import { WaitQueue } from './wait-queue.ts';

/** One executor for all: a closure of its own costs each waiter more than its place in the queue. */
let newestResolve: (lease: SemaphoreLease | Promise<SemaphoreLease>) => void;
const keepResolve = (resolve: typeof newestResolve): void => void (newestResolve = resolve);

let giveBack: (semaphore: CountingSemaphore, permits: number) => void;

class Lease implements SemaphoreLease {
  readonly permits: number;
  #semaphore: CountingSemaphore | undefined;

  constructor(semaphore: CountingSemaphore, permits: number) {
    this.#semaphore = semaphore;
    this.permits = permits;
  }

  release(): void {
    const semaphore = this.#semaphore;
    if (semaphore === undefined) return;
    this.#semaphore = undefined;
    giveBack(semaphore, this.permits);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Permits with a queue; `createSemaphore` checks the options. */
export class CountingSemaphore implements Semaphore {
  readonly #options: Required<SemaphoreOptions>;
  readonly #queue: WaitQueue<PermitWaiter<SemaphoreLease>>;
  readonly #drains = new Set<() => void>();
  #capacity: number;
  /** Below 0 while more are held than there are permits since a resize. */
  #free: number;
  #closed = false;

  constructor(permits: number, options: Required<SemaphoreOptions>) {
    this.#capacity = this.#free = permits;
    this.#options = options;
    this.#queue = new WaitQueue(options.order === 'lifo');
  }

  static {
    // Only a lease may give permits back, so that nobody can give back more than was taken.
    giveBack = (semaphore, permits) => semaphore.#giveBack(permits);
  }

  get available(): number {
    return Math.max(0, this.#free);
  }

  get waiting(): number {
    return this.#queue.size;
  }

  acquire(options?: AcquireOptions): Promise<SemaphoreLease> {
    if (options === undefined && this.#isOpenFor(1)) return Promise.resolve(this.#lend(1));
    try {
      return this.#acquire(options ?? {});
    } catch (error) {
      return Promise.reject(error);
    }
  }

  tryAcquire(permits = 1): SemaphoreLease | undefined {
    checkInteger('permits', permits, 1);
    return this.#isOpenFor(permits) ? this.#lend(permits) : undefined;
  }

  async run<T>(fn: () => T | PromiseLike<T>, options?: AcquireOptions): Promise<T> {
    const isFree = options === undefined && this.#isOpenFor(1);
    const lease = isFree ? this.#lend(1) : await this.acquire(options);
    try {
      return await fn();
    } finally {
      lease.release();
    }
  }

  resize(permits: number): void {
    checkInteger('permits', permits, 1);
    this.#free += permits - this.#capacity;
    this.#capacity = permits;
    for (const waiter of this.#queue.all()) {
      if (waiter.permits <= permits) continue;
      this.#queue.remove(waiter);
      waiter.reject(tooMany(permits, waiter.permits));
    }
    this.#serve();
  }

  close(): void {
    this.#closed = true;
    if (this.#queue.size === 0) return;
    const error = closedError();
    for (let waiter = this.#queue.head; waiter !== undefined; waiter = this.#queue.head) {
      this.#queue.remove(waiter);
      waiter.reject(error);
    }
    this.#serve();
  }

  drain({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (): void => {
        unlink?.();
        resolve();
      };
      const unlink =
        signal &&
        onAbort(signal, () => {
          this.#drains.delete(done);
          reject(signal.reason);
        });
      this.#drains.add(done);
    });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #isOpenFor(permits: number): boolean {
    return this.#free >= permits && this.#queue.size === 0 && !this.#closed;
  }

  #isIdle(): boolean {
    return this.#free === this.#capacity && this.#queue.size === 0;
  }

  #lend(permits: number): SemaphoreLease {
    this.#free -= permits;
    return new Lease(this, permits);
  }

  #acquire(options: AcquireOptions): Promise<SemaphoreLease> {
    const { priority = 0, signal } = options;
    const permits = checkInteger('permits', options.permits ?? 1, 1);
    const timeoutMs = options.timeout === undefined ? undefined : toMilliseconds(options.timeout, 'timeout');
    if (typeof priority !== 'number' || Number.isNaN(priority)) throw invalidOption('priority', 'a number', priority);
    if (this.#closed) throw closedError();
    signal?.throwIfAborted();
    if (permits > this.#capacity) throw tooMany(this.#capacity, permits);
    if (this.#goesFirst(priority) && this.#free >= permits) return Promise.resolve(this.#lend(permits));
    if (this.#queue.size >= this.#options.maxQueue)
      throw new TunicError('ERR_TUNIC_QUEUE_FULL', `${this.#queue.size} wait already`, { retryable: true });
    const granted = new Promise<SemaphoreLease>(keepResolve);
    const waiter = new PermitWaiter(permits, newestResolve);
    this.#queue.add(waiter, priority);
    if (signal !== undefined || timeoutMs !== undefined)
      waiter.limit({ signal, timeoutMs, clock: this.#options.clock, leave: () => this.#leave(waiter) });
    return granted;
  }

  /** Whether a newcomer would stand at the head of the queue. */
  #goesFirst(priority: number): boolean {
    const first = this.#queue.firstPriority;
    return first === undefined || priority < first || (priority === first && this.#options.order === 'lifo');
  }

  #giveBack(permits: number): void {
    this.#free += permits;
    this.#serve();
  }

  /** The next in line may need fewer permits than the one who left. */
  #leave(waiter: PermitWaiter<SemaphoreLease>): void {
    this.#queue.remove(waiter);
    this.#serve();
  }

  #serve(): void {
    if (this.#queue.size > 0) this.#grant();
    if (this.#drains.size === 0 || !this.#isIdle()) return;
    for (const done of this.#drains) done();
    this.#drains.clear();
  }

  #grant(): void {
    for (let waiter = this.#queue.head; waiter !== undefined && waiter.permits <= this.#free; waiter = this.#queue.head) {
      this.#queue.remove(waiter);
      waiter.resolve(this.#lend(waiter.permits));
    }
  }
}

function closedError(): TunicError {
  return new TunicError('ERR_TUNIC_CLOSED', 'the semaphore is closed');
}

function tooMany(capacity: number, permits: number): TunicError {
  return invalidOption('permits', `at most ${capacity}, as many as there are`, permits);
}
