import type { Clock } from '../../time/clock.ts';
import type { Duration } from '../../time/duration.ts';

/** Permits that are held until they are released. */
export interface SemaphoreLease extends Disposable {
  readonly permits: number;
  /** Gives the permits back. Further calls do nothing. */
  release(): void;
}

/** How {@link Semaphore.acquire} waits. */
export interface AcquireOptions {
  /** How many permits are taken at once; 1 by default. */
  permits?: number;
  /** Lower numbers are served first; 0 by default. */
  priority?: number;
  /** Ends the wait with its reason. */
  signal?: AbortSignal | undefined;
  /** Ends the wait with `ERR_TUNIC_TIMEOUT`. */
  timeout?: Duration;
}

/** Options of {@link createSemaphore}. */
export interface SemaphoreOptions {
  /** How many may wait; without limit by default. */
  maxQueue?: number;
  /** Who is served first among equal priorities; `'fifo'` by default. */
  order?: 'fifo' | 'lifo';
  clock?: Clock;
}

/** A number of permits; who finds none free waits for one. */
export interface Semaphore extends Disposable {
  /** Permits that nobody holds. */
  readonly available: number;
  /** How many wait. */
  readonly waiting: number;
  /**
   * Takes permits, waiting for them in order of priority and arrival. A released permit goes straight to whoever is
   * next: nobody who comes later gets before it, and nobody passes one who waits for several.
   *
   * @throws (rejects) the signal's reason; `ERR_TUNIC_TIMEOUT`; `ERR_TUNIC_QUEUE_FULL`; `ERR_TUNIC_CLOSED`;
   * `ERR_TUNIC_OPTION` for a bad option, and for more permits than there are
   */
  acquire(options?: AcquireOptions): Promise<SemaphoreLease>;
  /**
   * Takes permits if that needs no wait.
   *
   * @throws `ERR_TUNIC_OPTION` when `permits` is no whole number ≥ 1
   */
  tryAcquire(permits?: number): SemaphoreLease | undefined;
  /**
   * Runs a function with the permits, in the async context of this call, and releases them when it has ended.
   *
   * @throws (rejects) what `fn` throws, or what {@link Semaphore.acquire} rejects with
   */
  run<T>(fn: () => T | PromiseLike<T>, options?: AcquireOptions): Promise<T>;
  /**
   * Changes how many permits there are. With fewer, held ones stay held and nothing is given out until enough came
   * back; who waits for more than there are now rejects with `ERR_TUNIC_OPTION`.
   */
  resize(permits: number): void;
  /** Takes nobody in any more and rejects all who wait with `ERR_TUNIC_CLOSED`; held permits stay held. */
  close(): void;
  /** Resolves when nobody waits and no permit is held; it does not keep others from coming. */
  drain(options?: { signal?: AbortSignal | undefined }): Promise<void>;
}
