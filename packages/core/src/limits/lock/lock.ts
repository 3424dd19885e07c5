import { checkFunction, invalidOption } from '../../errors/invalid-option.ts';
import { TunicError } from '../../errors/tunic-error.ts';
import { abortable } from '../../internal/abortable.ts';
import { type Logger, silentLogger } from '../../logging/logger.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';
import { systemRandom } from '../../time/random.ts';
import { checkKey } from '../check-key.ts';
import { Deadline } from '../deadline.ts';
import { KeyLines } from '../key-lines.ts';
import { MAX_KEY_LENGTH, namespacePrefix } from '../namespace.ts';
import { type HeldLock, LockLease } from './held-lock.ts';
import type { LockAcquire, LockStore } from './lock-store.ts';
import { createMemoryLockStore } from './memory-lock-store.ts';

/** Options of {@link createLock}. */
export interface LockOptions {
  /** Where locks are kept; in memory, for this object alone, by default. */
  store?: LockStore;
  /** Keeps the keys apart from those of others on the same store; without ':' and '*'. */
  namespace?: string;
  clock?: Clock;
  random?: () => number;
  logger?: Logger;
}

/** Options of {@link Lock.tryAcquire}. */
export interface LockTryOptions {
  /** How long the lock outlives a holder that died, from 3 ms on; renewed every third of it. `'30s'` by default. */
  ttl?: Duration;
  /** Ends the attempt or the wait, not the holding. */
  signal?: AbortSignal | undefined;
}

/** Options of {@link Lock.acquire}. */
export interface LockAcquireOptions extends LockTryOptions {
  /** How long to wait at most; without end by default. */
  wait?: Duration;
}

/**
 * Lets one at a time do something, among all processes on the same store. Keys are texts of 1 to 512 characters, the
 * namespace included. A lock cannot be held by its holder a second time: it would wait for itself.
 *
 * A process that stops for longer than `ttl` does not know yet that it lost the lock when it goes on: where that would
 * harm, pass `fence` along with each write and let the other side refuse a smaller one than it has seen.
 */
export interface Lock {
  /**
   * Waits for the lock. In this process those who wait go in order of arrival; others are found out about by polling, with
   * jitter, at most half a second late. Rejects with the reason of `signal`, with `ERR_TUNIC_TIMEOUT` (retryable) after
   * `wait`, with `ERR_TUNIC_OPTION` for a bad argument, and with what the store rejects with. A lock that is
   * still given to one who has gone is released at once.
   */
  acquire(key: string, options?: LockAcquireOptions): Promise<HeldLock>;
  /** Takes the lock if nobody holds it or, in this process, waits for it. Rejects as {@link Lock.acquire} does. */
  tryAcquire(key: string, options?: LockTryOptions): Promise<HeldLock | undefined>;
  /** Runs `fn` under the lock and releases it then. Rejects as {@link Lock.acquire} does, and with what `fn` throws. */
  run<T>(key: string, fn: (held: HeldLock) => T | PromiseLike<T>, options?: LockAcquireOptions): Promise<T>;
}

interface LockRequest {
  readonly key: string;
  readonly name: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly signal: AbortSignal | undefined;
}

const FIRST_POLL_MS = 20;
const MAX_POLL_MS = 500;

/** Tells the objects of one process apart even under a `random` that repeats itself. */
let instances = 0;

class LockImplementation implements Lock {
  readonly #store: LockStore;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #prefix: string;
  readonly #instance = ++instances;
  readonly #lines = new KeyLines();
  #holdings = 0;

  constructor(options: LockOptions) {
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
    this.#prefix = namespacePrefix(options.namespace);
    this.#store = options.store ?? createMemoryLockStore({ clock });
    this.#clock = clock;
    this.#random = random;
    this.#logger = logger;
  }

  async acquire(key: string, options: LockAcquireOptions = {}): Promise<HeldLock> {
    const request = this.#read(key, options);
    if (options.wait === undefined) return this.#wait(request);
    const ms = toMilliseconds(options.wait, 'wait');
    const expired = (): TunicError => new TunicError('ERR_TUNIC_TIMEOUT', `lock ${JSON.stringify(key)} was not free within ${ms} ms`, { retryable: true });
    const deadline = new Deadline({ clock: this.#clock, ms, signal: request.signal, expired });
    try {
      return await this.#wait({ ...request, signal: deadline.signal });
    } finally {
      deadline.clear();
    }
  }

  async tryAcquire(key: string, options: LockTryOptions = {}): Promise<HeldLock | undefined> {
    const request = this.#read(key, options);
    if (!this.#lines.tryEnter(request.name)) return undefined;
    let held: HeldLock | undefined;
    try {
      const reply = await this.#ask(request);
      held = typeof reply === 'number' ? undefined : reply;
    } finally {
      if (held === undefined) this.#lines.leave(request.name);
    }
    return held;
  }

  async run<T>(key: string, fn: (held: HeldLock) => T | PromiseLike<T>, options?: LockAcquireOptions): Promise<T> {
    checkFunction('fn', fn);
    const held = await this.acquire(key, options);
    try {
      return await fn(held);
    } finally {
      await held.release();
    }
  }

  #read(key: string, { ttl = '30s', signal }: LockTryOptions): LockRequest {
    checkKey(key, MAX_KEY_LENGTH - this.#prefix.length);
    const ttlMs = toMilliseconds(ttl, 'ttl');
    if (ttlMs < 3) throw invalidOption('ttl', 'a duration from 3 ms on', ttl);
    signal?.throwIfAborted();
    const chance = [1, 2, 3, 4].map(() => Math.floor(this.#random() * 2 ** 32).toString(36));
    const owner = `${chance.join('')}.${this.#instance}.${++this.#holdings}`;
    return { key, name: this.#prefix + key, owner, ttlMs, signal };
  }

  async #wait(request: LockRequest): Promise<HeldLock> {
    await this.#lines.enter(request.name, request.signal);
    let held: HeldLock | undefined;
    try {
      held = await this.#poll(request);
      return held;
    } finally {
      if (held === undefined) this.#lines.leave(request.name);
    }
  }

  async #poll(request: LockRequest): Promise<HeldLock> {
    for (let polls = 0; ; polls++) {
      const reply = await this.#ask(request);
      if (typeof reply !== 'number') return reply;
      const ceiling = Math.min(MAX_POLL_MS, FIRST_POLL_MS * 2 ** Math.min(polls, 16));
      const backoffMs = ceiling * (0.5 + this.#random() / 2);
      await this.#clock.sleep(Math.max(1, Math.min(reply, backoffMs)), request.signal);
    }
  }

  /** The lock, or the time that its holder has left. */
  async #ask(request: LockRequest): Promise<HeldLock | number> {
    const { name, owner, ttlMs, signal } = request;
    const takenAt = this.#clock.monotonic();
    const asked = this.#store.acquire(name, owner, ttlMs);
    let reply: LockAcquire;
    try {
      reply = await abortable(asked, signal);
    } catch (error) {
      void this.#cancel(request, asked);
      throw error;
    }
    if (!reply.acquired) return reply.retryAfterMs;
    const onEnd = (): void => this.#lines.leave(name);
    return new LockLease({ ...request, fence: reply.fence, store: this.#store, clock: this.#clock, logger: this.#logger, takenAt, onEnd });
  }

  /** Nobody wants the lock any more, but the store may have given it, even if its reply was lost. */
  async #cancel({ name, owner, key }: LockRequest, asked: Promise<LockAcquire>): Promise<void> {
    try {
      await asked.catch(() => undefined);
      await this.#store.release(name, owner);
    } catch (err) {
      this.#logger.warn({ err, key }, 'lock could not be released; its time will run out');
    }
  }
}

/**
 * Locks by key, for one process or for all that share a store: fenced, renewed while they are held, free again after
 * `ttl` when their holder died.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createLock } from '@tunic/core';
 *
 * const lock = createLock();
 * const held = await lock.acquire('invoice-17', { ttl: '10s', wait: '1s' });
 * console.log(held.fence > 0, held.signal.aborted, await lock.tryAcquire('invoice-17')); // true false undefined
 * await held.release();
 * ```
 */
export function createLock(options: LockOptions = {}): Lock {
  return new LockImplementation(options);
}
