import type { AcquireOptions, SemaphoreOptions } from './semaphore-types.ts';
import { createSemaphore } from './semaphore.ts';

/** A lock that is held until it is released. */
export interface LockLease extends Disposable {
  /** Gives the lock back. Further calls do nothing. */
  release(): void;
}

/** How {@link Mutex.acquire} waits. */
export type MutexAcquireOptions = Omit<AcquireOptions, 'permits'>;

/** A lock that one at a time may hold. It is not re-entrant: who holds it and acquires it again waits for itself. */
export interface Mutex extends Disposable {
  /** Whether somebody holds it. */
  readonly locked: boolean;
  /** How many wait. */
  readonly waiting: number;
  /**
   * Takes the lock, waiting for it in order of priority and arrival. A released lock goes straight to whoever is next.
   *
   * @throws (rejects) the signal's reason; `ERR_TUNIC_TIMEOUT`; `ERR_TUNIC_QUEUE_FULL`; `ERR_TUNIC_CLOSED`;
   * `ERR_TUNIC_OPTION`
   */
  acquire(options?: MutexAcquireOptions): Promise<LockLease>;
  /** Takes the lock if that needs no wait. */
  tryAcquire(): LockLease | undefined;
  /**
   * Runs a function with the lock, in the async context of this call, and releases it when the function has ended.
   *
   * @throws (rejects) what `fn` throws, or what {@link Mutex.acquire} rejects with
   */
  run<T>(fn: () => T | PromiseLike<T>, options?: MutexAcquireOptions): Promise<T>;
  /** Lets nobody in any more and rejects all who wait with `ERR_TUNIC_CLOSED`; a held lock stays held. */
  close(): void;
}

/**
 * Creates a lock for code of one process that must not run twice at a time.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { createMutex } from '@tunic/core';
 *
 * const mutex = createMutex();
 * let balance = 10;
 * const spend = (amount: number) =>
 *   mutex.run(async () => {
 *     const before = await Promise.resolve(balance);
 *     balance = before - amount;
 *   });
 * await Promise.all([spend(3), spend(4)]); // balance: 3
 * ```
 */
export function createMutex(options?: SemaphoreOptions): Mutex {
  const semaphore = createSemaphore(1, options);
  return {
    get locked() {
      return semaphore.available === 0;
    },
    get waiting() {
      return semaphore.waiting;
    },
    acquire: (wait) => semaphore.acquire(wait),
    tryAcquire: () => semaphore.tryAcquire(),
    run: (fn, wait) => semaphore.run(fn, wait),
    close: () => semaphore.close(),
    [Symbol.dispose]: () => semaphore.close(),
  };
}
