import type { Clock } from '../../time/clock.ts';
import type { Duration } from '../../time/duration.ts';
import type { LockLease } from './mutex.ts';

/** Who goes first when a {@link ReadWriteLock} is free for either; see {@link ReadWriteLockOptions.preference}. */
export type LockPreference = 'arrival' | 'reader' | 'writer';

/** Options of {@link createReadWriteLock}. */
export interface ReadWriteLockOptions {
  /**
   * `'arrival'` (the default): who came first. `'reader'`: all readers who wait when a writer leaves, then the next
   * writer, in turns. `'writer'`: all writers before any reader, so that writers without end keep readers out.
   * With each of them a reader who comes while a writer waits stands behind it.
   */
  preference?: LockPreference;
  /** How many may wait, readers and writers together; without limit by default. */
  maxQueue?: number;
  clock?: Clock;
}

/** How a {@link ReadWriteLock} is waited for. */
export interface LockWaitOptions {
  /** Ends the wait with its reason. */
  signal?: AbortSignal | undefined;
  /** Ends the wait with `ERR_TUNIC_TIMEOUT`. */
  timeout?: Duration;
}

/**
 * A lock that any number of readers or one writer may hold. It is not re-entrant: a reader who wants to write releases
 * first.
 *
 * All that waits rejects with the signal's reason, `ERR_TUNIC_TIMEOUT`, `ERR_TUNIC_QUEUE_FULL`, `ERR_TUNIC_CLOSED` or,
 * for a bad option, `ERR_TUNIC_OPTION`.
 */
export interface ReadWriteLock extends Disposable {
  /** How many readers hold it. */
  readonly reading: number;
  /** Whether a writer holds it. */
  readonly writing: boolean;
  /** How many wait, readers and writers together. */
  readonly waiting: number;
  /** Takes the lock together with other readers. */
  acquireRead(options?: LockWaitOptions): Promise<LockLease>;
  /** Takes the lock alone. */
  acquireWrite(options?: LockWaitOptions): Promise<LockLease>;
  /** {@link ReadWriteLock.acquireRead} if that needs no wait. */
  tryAcquireRead(): LockLease | undefined;
  /** {@link ReadWriteLock.acquireWrite} if that needs no wait. */
  tryAcquireWrite(): LockLease | undefined;
  /** Runs a function as a reader, in the async context of this call. */
  read<T>(fn: () => T | PromiseLike<T>, options?: LockWaitOptions): Promise<T>;
  /** Runs a function as the writer, in the async context of this call. */
  write<T>(fn: () => T | PromiseLike<T>, options?: LockWaitOptions): Promise<T>;
  /** Lets nobody in any more and rejects all who wait with `ERR_TUNIC_CLOSED`; a held lock stays held. */
  close(): void;
}
