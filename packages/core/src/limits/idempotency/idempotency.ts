import { checkFunction, checkText, invalidOption, isStorable } from '../../errors/invalid-option.ts';
import { onAbort } from '../../internal/abort-hub.ts';
import { abortable } from '../../internal/abortable.ts';
import { type Logger, silentLogger } from '../../logging/logger.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';
import { systemRandom } from '../../time/random.ts';
import { HeldKey, type IdempotentRun } from './held-key.ts';
import { IdempotencyFlight } from './idempotency-flight.ts';
import type { IdempotencyStore } from './idempotency-store.ts';
import { type Acquired, KeyClaims, type KeyClaimsOptions, type KeyRequest, inProgress, mismatch } from './key-claims.ts';
import { createMemoryIdempotencyStore } from './memory-idempotency-store.ts';
import { decodeValue, encodeValue } from './stored-value.ts';

/** Options of {@link createIdempotency}. */
export interface IdempotencyOptions {
  /** Where keys are kept; in memory, for this object alone, by default. */
  store?: IdempotencyStore;
  /** How long a value is replayed; `'1d'` by default. */
  ttl?: Duration;
  /** How long a key stays taken after its owner died; renewed every third of it while `fn` runs. `'30s'` by default. */
  lease?: Duration;
  /** What a call does that finds its key at work: wait for the value (the default), or reject. */
  inFlight?: 'wait' | 'reject';
  clock?: Clock;
  random?: () => number;
  logger?: Logger;
}

/** Options of {@link Idempotency.run}. */
export interface IdempotencyRunOptions {
  /** What the request asks for, hashed say: the same key with another fingerprint is refused. `''` by default. */
  fingerprint?: string;
  /** Ends this caller's wait at once. Aborts `fn` if it runs for this caller; the waits of others go on. */
  signal?: AbortSignal;
}

/** What {@link Idempotency.run} gives. */
export interface IdempotencyResult<T> {
  /** What `fn` returned; a copy made of JSON when it is replayed. */
  value: T;
  /** Whether the value is that of another call. */
  replayed: boolean;
}

/** Runs work once per key. */
export interface Idempotency {
  /**
   * Runs `fn` unless a value is stored under `key` (1 to 512 characters), and stores what it returns, which must be JSON
   * or `undefined`. Of calls made at once, here or in any process on the same store, one runs `fn` and the others get its
   * value. When `fn` fails the key is free again: its caller gets the error, and those who wait try themselves. After a
   * crash the key is free when the lease has run out; a run that comes late gets the value of the one that replaced it.
   * A call for the same key from within `fn` waits for itself for ever.
   *
   * Rejects with `ERR_TUNIC_IDEMPOTENCY_MISMATCH` for another fingerprint, with `ERR_TUNIC_IDEMPOTENCY_IN_PROGRESS`
   * (retryable, with `retryAfterMs`) under `inFlight: 'reject'`, with `ERR_TUNIC_OPTION` for a bad key or a value that is
   * no JSON, with the reason of `signal`, and with what `fn` or the store rejects with.
   */
  run<T>(key: string, fn: (run: IdempotentRun) => T | PromiseLike<T>, options?: IdempotencyRunOptions): Promise<IdempotencyResult<T>>;
}

interface Call<T> extends KeyRequest {
  readonly fn: (run: IdempotentRun) => T | PromiseLike<T>;
}

/** Tells the objects of one process apart even under a `random` that repeats itself. */
let instances = 0;

class IdempotencyImplementation implements Idempotency {
  readonly #options: KeyClaimsOptions;
  readonly #claims: KeyClaims;
  readonly #inFlight: 'wait' | 'reject';
  readonly #flights = new Map<string, IdempotencyFlight>();
  readonly #name: string;
  #calls = 0;

  constructor(options: IdempotencyOptions) {
    const { clock = systemClock, random = systemRandom, logger = silentLogger, ttl = '1d', lease = '30s' } = options;
    const store = options.store ?? createMemoryIdempotencyStore({ clock });
    this.#options = { store, clock, random, logger, ttlMs: checkLength('ttl', ttl), leaseMs: checkLength('lease', lease) };
    this.#claims = new KeyClaims(this.#options);
    this.#inFlight = options.inFlight ?? 'wait';
    if (!['wait', 'reject'].includes(this.#inFlight)) throw invalidOption('inFlight', "'wait' or 'reject'", this.#inFlight);
    const chance = [1, 2, 3, 4].map(() => Math.floor(random() * 2 ** 32).toString(36));
    this.#name = `${chance.join('')}.${++instances}`;
  }

  async run<T>(key: string, fn: (run: IdempotentRun) => T | PromiseLike<T>, options: IdempotencyRunOptions = {}): Promise<IdempotencyResult<T>> {
    const { fingerprint = '', signal } = options;
    checkText('key', key, 512);
    checkFunction('fn', fn);
    if (typeof fingerprint !== 'string' || !isStorable(fingerprint)) throw invalidOption('fingerprint', 'a text without NUL and well-formed', fingerprint);
    for (;;) {
      signal?.throwIfAborted();
      const flight = this.#flights.get(key);
      if (flight === undefined) return this.#lead({ key, fn, fingerprint, signal, owner: `${this.#name}.${++this.#calls}` });
      if (flight.fingerprint !== fingerprint) throw mismatch(key);
      const text = await abortable(this.#follow(key, flight), signal);
      if (text !== undefined) return { value: decodeValue(text) as T, replayed: true };
    }
  }

  async #follow(key: string, flight: IdempotencyFlight): Promise<string | undefined> {
    if (this.#inFlight === 'wait') return flight.landed;
    await flight.decided;
    if (flight.running && this.#flights.get(key) === flight) throw inProgress(key, this.#options.leaseMs);
    return flight.landed;
  }

  /** The flight goes on to its end even when its caller is gone: others wait for it, and the key must be let go. */
  #lead<T>(call: Call<T>): Promise<IdempotencyResult<T>> {
    const flight = new IdempotencyFlight(call.fingerprint);
    this.#flights.set(call.key, flight);
    return abortable(this.#fly(call, flight), call.signal);
  }

  async #fly<T>(call: Call<T>, flight: IdempotencyFlight): Promise<IdempotencyResult<T>> {
    try {
      const claim = await this.#claims.claim(call, this.#inFlight);
      if (claim.state === 'acquired') return await this.#execute(call, flight, claim);
      this.#land(call.key, flight, claim.value);
      return { value: decodeValue(claim.value) as T, replayed: true };
    } finally {
      this.#land(call.key, flight, undefined);
    }
  }

  #land(key: string, flight: IdempotencyFlight, text: string | undefined): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    flight.land(text);
  }

  async #execute<T>(call: Call<T>, flight: IdempotencyFlight, { fence, takenAt }: Acquired): Promise<IdempotencyResult<T>> {
    const { key, fn, signal } = call;
    if (signal?.aborted === true) {
      await this.#claims.release(key, fence);
      throw signal.reason;
    }
    const onLost = (): void => this.#land(key, flight, undefined);
    const held = new HeldKey({ ...this.#options, key, fence, takenAt, onLost });
    const unlink = signal === undefined ? undefined : onAbort(signal, () => held.abandon(signal.reason));
    flight.takeOff();
    try {
      const { value, text } = await this.#attempt(key, fn, held);
      const stored = await this.#keep(call, fence, text);
      this.#land(key, flight, stored ?? text);
      return stored === undefined ? { value, replayed: false } : { value: decodeValue(stored) as T, replayed: true };
    } finally {
      held.letGo();
      unlink?.();
    }
  }

  async #attempt<T>(key: string, fn: Call<T>['fn'], held: HeldKey): Promise<{ value: T; text: string }> {
    try {
      const value = await fn(held);
      return { value, text: encodeValue(value) };
    } catch (error) {
      await this.#claims.release(key, held.fence);
      throw error;
    }
  }

  /** Stores the text; answers what another run stored if ours came too late. */
  async #keep<T>(call: Call<T>, fence: number, text: string): Promise<string | undefined> {
    let kept = await this.#claims.complete(call.key, fence, text);
    while (!kept) {
      const claim = await this.#claims.claim(call, 'wait');
      if (claim.state === 'done') return claim.value;
      // The lease was lost, but nobody has done the work since.
      kept = await this.#claims.complete(call.key, claim.fence, text);
    }
    return undefined;
  }
}

function checkLength(name: string, duration: Duration): number {
  const ms = Math.ceil(toMilliseconds(duration, name));
  if (ms > 0) return ms;
  throw invalidOption(name, 'a duration of at least 1 ms', duration);
}

/**
 * Makes work safe to ask for twice: one key, one run, one value for all who ask, across processes that share the store.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createIdempotency } from '@tunic/core';
 *
 * const idempotency = createIdempotency({ ttl: '1d' });
 * const charge = () => idempotency.run('order-17', async () => ({ receipt: 'r-1' }), { fingerprint: 'EUR 20' });
 * const [first, second] = await Promise.all([charge(), charge()]); // charged once
 * console.log(first.replayed, second.replayed, second.value.receipt); // false true r-1
 * ```
 */
export function createIdempotency(options: IdempotencyOptions = {}): Idempotency {
  return new IdempotencyImplementation(options);
}
