import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { TunicError } from '../../errors/tunic-error.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { toMilliseconds } from '../../time/duration.ts';
import type { LockLease } from './mutex.ts';
import { PermitWaiter } from './permit-waiter.ts';
import type { LockPreference, LockWaitOptions, ReadWriteLock, ReadWriteLockOptions } from './read-write-lock-types.ts';
import { WaitQueue } from './wait-queue.ts';

type Role = 'reader' | 'writer';

class LockWaiter extends PermitWaiter<LockLease> {
  readonly arrival: number;

  constructor(arrival: number, resolve: (lease: LockLease | Promise<LockLease>) => void) {
    super(1, resolve);
    this.arrival = arrival;
  }
}

class Lease implements LockLease {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  release(): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

class ReadWriteLockImplementation implements ReadWriteLock {
  readonly #preference: LockPreference;
  readonly #maxQueue: number;
  readonly #clock: Clock;
  readonly #queues: Readonly<Record<Role, WaitQueue<LockWaiter>>> = { reader: new WaitQueue(false), writer: new WaitQueue(false) };
  #arrivals = 0;
  #reading = 0;
  #writing = false;
  #closed = false;

  constructor({ preference, maxQueue, clock }: Required<ReadWriteLockOptions>) {
    this.#preference = preference;
    this.#maxQueue = maxQueue;
    this.#clock = clock;
  }

  get reading(): number {
    return this.#reading;
  }

  get writing(): boolean {
    return this.#writing;
  }

  get waiting(): number {
    return this.#queues.reader.size + this.#queues.writer.size;
  }

  acquireRead(options?: LockWaitOptions): Promise<LockLease> {
    return this.#acquire('reader', options);
  }

  acquireWrite(options?: LockWaitOptions): Promise<LockLease> {
    return this.#acquire('writer', options);
  }

  tryAcquireRead(): LockLease | undefined {
    return this.#isOpenFor('reader') ? this.#lend('reader') : undefined;
  }

  tryAcquireWrite(): LockLease | undefined {
    return this.#isOpenFor('writer') ? this.#lend('writer') : undefined;
  }

  read<T>(fn: () => T | PromiseLike<T>, options?: LockWaitOptions): Promise<T> {
    return this.#run('reader', fn, options);
  }

  write<T>(fn: () => T | PromiseLike<T>, options?: LockWaitOptions): Promise<T> {
    return this.#run('writer', fn, options);
  }

  close(): void {
    this.#closed = true;
    if (this.waiting === 0) return;
    const error = closedError();
    for (const queue of Object.values(this.#queues))
      for (let waiter = queue.head; waiter !== undefined; waiter = queue.head) {
        queue.remove(waiter);
        waiter.reject(error);
      }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #run<T>(role: Role, fn: () => T | PromiseLike<T>, options: LockWaitOptions | undefined): Promise<T> {
    const lease = await this.#acquire(role, options);
    try {
      return await fn();
    } finally {
      lease.release();
    }
  }

  async #acquire(role: Role, { signal, timeout }: LockWaitOptions = {}): Promise<LockLease> {
    const timeoutMs = timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout');
    if (this.#closed) throw closedError();
    signal?.throwIfAborted();
    if (this.#isOpenFor(role)) return this.#lend(role);
    if (this.waiting >= this.#maxQueue)
      throw new TunicError('ERR_TUNIC_QUEUE_FULL', `${this.waiting} wait already`, { retryable: true });
    return new Promise((resolve) => {
      const waiter = new LockWaiter(this.#arrivals++, resolve);
      this.#queues[role].add(waiter, 0);
      if (signal === undefined && timeoutMs === undefined) return;
      const leave = (): void => {
        this.#queues[role].remove(waiter);
        // The readers behind a writer who gave up may join those who read.
        this.#serve();
      };
      waiter.limit({ signal, timeoutMs, clock: this.#clock, leave });
    });
  }

  /** Nobody waits while the lock is free, so a newcomer finds it free or has to queue. */
  #isOpenFor(role: Role): boolean {
    if (this.#closed || this.#writing) return false;
    return role === 'writer' ? this.#reading === 0 : this.#queues.writer.size === 0;
  }

  #lend(role: Role): LockLease {
    if (role === 'reader') this.#reading++;
    else this.#writing = true;
    return new Lease(() => {
      if (role === 'reader') this.#reading--;
      else this.#writing = false;
      this.#serve(role);
    });
  }

  /** @param left - who has just released the lock */
  #serve(left?: Role): void {
    if (this.#writing) return;
    const { reader: readers, writer: writers } = this.#queues;
    const isReadersTurn = this.#preference === 'reader' && left === 'writer';
    for (let reader = readers.head; reader !== undefined; reader = readers.head) {
      if (!isReadersTurn && !this.#isBeforeWriters(reader)) break;
      readers.remove(reader);
      reader.resolve(this.#lend('reader'));
    }
    const writer = writers.head;
    if (writer === undefined || this.#reading > 0) return;
    writers.remove(writer);
    writer.resolve(this.#lend('writer'));
  }

  #isBeforeWriters(reader: LockWaiter): boolean {
    const writer = this.#queues.writer.head;
    return writer === undefined || (this.#preference === 'arrival' && reader.arrival < writer.arrival);
  }
}

function closedError(): TunicError {
  return new TunicError('ERR_TUNIC_CLOSED', 'the lock is closed');
}

const PREFERENCES: readonly string[] = ['arrival', 'reader', 'writer'];

/**
 * Creates a lock for data that many read at once and one at a time changes.
 *
 * Source of the turns of `preference: 'reader'`: phase-fair locks (B. Brandenburg, J. Anderson, 2009).
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { createReadWriteLock } from '@tunic/core';
 *
 * const lock = createReadWriteLock();
 * const prices = new Map([['tea', 3]]);
 * const [tea] = await Promise.all([lock.read(() => prices.get('tea')), lock.write(() => prices.set('tea', 4))]); // 3
 *
 * const lease = await lock.acquireRead({ timeout: '1s' });
 * lease.release();
 * ```
 */
export function createReadWriteLock(options: ReadWriteLockOptions = {}): ReadWriteLock {
  const { preference = 'arrival', maxQueue = Infinity, clock = systemClock } = options;
  if (!PREFERENCES.includes(preference)) throw invalidOption('preference', "'arrival', 'reader' or 'writer'", preference);
  if (maxQueue !== Infinity) checkInteger('maxQueue', maxQueue, 0);
  return new ReadWriteLockImplementation({ preference, maxQueue, clock });
}
