import { checkFunction, checkText, invalidOption } from '../../errors/invalid-option.ts';
import { type Logger, silentLogger } from '../../logging/logger.ts';
import { systemClock } from '../../time/clock.ts';
import type { Duration } from '../../time/duration.ts';
import { systemRandom } from '../../time/random.ts';
import { checkKey } from '../check-key.ts';
import { MAX_KEY_LENGTH, namespacePrefix } from '../namespace.ts';
import { decodeValue, encodeValue } from '../idempotency/stored-value.ts';
import { CacheFlight, type CacheRun } from './cache-flight.ts';
import { type CacheLife, type CacheOptions, readLife, readTtl } from './cache-options.ts';
import type { CacheEntry, CacheStore } from './cache-store.ts';
import { keyMatcher } from './key-pattern.ts';
import { createMemoryCacheStore } from './memory-cache-store.ts';

/** Options of {@link Cache.wrap}. */
export interface CacheWrapOptions<T> {
  /** In place of the cache's own `ttl`. */
  ttl?: Duration;
  /** A value for which it returns true is handed over but not stored. */
  unless?: (value: T) => boolean;
  /** Ends this caller's wait at once. The signal of `fn` aborts when all who wait for it are gone. */
  signal?: AbortSignal | undefined;
}

/**
 * Keeps values by key for a time. Values are JSON or `undefined`, in memory too: each caller gets a copy of its own. Keys
 * are texts of 1 to 512 characters, the namespace included. Each call rejects with `ERR_TUNIC_OPTION` for a bad argument;
 * `get`, `set`, `delete` and `clear` also with what the store rejects with.
 */
export interface Cache {
  /** The value while it is fresh; `undefined` when there is none. */
  get<T = unknown>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown, options?: { ttl?: Duration }): Promise<void>;
  /** Removes the key; answers whether there was a value. */
  delete(key: string): Promise<boolean>;
  /** Removes the keys of the namespace that match: `*` stands for any text, all else for itself. `'*'` by default. */
  clear(pattern?: string): Promise<void>;
  /**
   * The value under the key or, if there is none, what `fn` makes, which is stored. Of calls made at once in this process
   * one runs `fn` and the others get its value. What a call of `set`, `delete` or `clear` of this object overtakes is
   * handed over but not stored. Rejects with what `fn` rejects with, and with the reason of `signal`. A store in trouble
   * is as good as an empty one.
   */
  wrap<T>(key: string, fn: (run: CacheRun) => T | PromiseLike<T>, options?: CacheWrapOptions<T>): Promise<T>;
}

interface Making {
  readonly key: string;
  readonly fn: (run: CacheRun) => unknown;
  readonly ttlMs: number;
  readonly unless: ((value: unknown) => boolean) | undefined;
}

class CacheImplementation implements Cache {
  readonly #store: CacheStore;
  readonly #life: CacheLife;
  readonly #prefix: string;
  readonly #random: () => number;
  readonly #logger: Logger;
  /** What callers wait for. */
  readonly #flights = new Map<string, CacheFlight>();
  /** What is made anew behind the scenes. */
  readonly #refreshes = new Map<string, CacheFlight>();

  constructor(options: CacheOptions) {
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
    this.#life = readLife(options);
    this.#prefix = namespacePrefix(options.namespace);
    this.#store = options.store ?? createMemoryCacheStore({ clock });
    this.#random = random;
    this.#logger = logger;
  }

  async get<T>(key: string): Promise<T | undefined> {
    const entry = await this.#store.get(this.#name(key));
    return entry === undefined || entry.freshMs <= 0 ? undefined : (decodeValue(entry.value) as T);
  }

  async set(key: string, value: unknown, { ttl }: { ttl?: Duration } = {}): Promise<void> {
    const name = this.#name(key);
    const ttlMs = ttl === undefined ? this.#life.ttlMs : readTtl(ttl);
    const text = encode(value);
    this.#overtake(name);
    await this.#put(name, { value, text, ttlMs });
  }

  async delete(key: string): Promise<boolean> {
    const name = this.#name(key);
    this.#overtake(name);
    return this.#store.delete(name);
  }

  async clear(pattern = '*'): Promise<void> {
    const full = this.#prefix + checkText('pattern', pattern, MAX_KEY_LENGTH - this.#prefix.length);
    const matches = keyMatcher(full);
    for (const name of [...this.#flights.keys(), ...this.#refreshes.keys()]) if (matches(name)) this.#overtake(name);
    await this.#store.clear(full);
  }

  async wrap<T>(key: string, fn: (run: CacheRun) => T | PromiseLike<T>, options: CacheWrapOptions<T> = {}): Promise<T> {
    const { ttl, unless, signal } = options;
    const name = this.#name(key);
    checkFunction('fn', fn);
    if (unless !== undefined) checkFunction('unless', unless);
    const ttlMs = ttl === undefined ? this.#life.ttlMs : readTtl(ttl);
    signal?.throwIfAborted();
    const flight = this.#flights.get(name);
    if (flight?.abandoned === true) this.#overtake(name);
    const shared = this.#flights.get(name) ?? this.#start({ key: name, fn, ttlMs, unless: unless as Making['unless'] });
    return decodeValue(await shared.join(signal)) as T;
  }

  /** The look into the store is part of the flight, so that a burst asks it once. */
  #start(making: Making): CacheFlight {
    const flight = new CacheFlight((self) => this.#fly(making, self));
    this.#flights.set(making.key, flight);
    const land = (): void => {
      if (this.#flights.get(making.key) === flight) this.#flights.delete(making.key);
    };
    flight.landed.then(land, land);
    return flight;
  }

  async #fly(making: Making, flight: CacheFlight): Promise<string> {
    const entry = await this.#look(making.key);
    if (entry === undefined) return this.#refreshes.get(making.key)?.landed ?? this.#make(making, flight);
    if (entry.freshMs <= 0 && flight.valid) this.#refresh(making);
    return entry.value;
  }

  async #look(key: string): Promise<CacheEntry | undefined> {
    try {
      return await this.#store.get(key);
    } catch (err) {
      this.#logger.warn({ err, key }, 'cache store could not be read; the value is made anew');
      return undefined;
    }
  }

  async #make(making: Making, flight: CacheFlight): Promise<string> {
    const value = await making.fn(flight);
    const text = encode(value);
    if (flight.valid && making.unless?.(value) !== true) await this.#keep(making, value, text);
    return text;
  }

  async #keep({ key, ttlMs }: Making, value: unknown, text: string): Promise<void> {
    try {
      await this.#put(key, { value, text, ttlMs });
    } catch (err) {
      this.#logger.warn({ err, key }, 'cache store could not be written; the value is not kept');
    }
  }

  #refresh(making: Making): void {
    const { key } = making;
    if (this.#refreshes.has(key)) return;
    const refresh = new CacheFlight((self) => this.#make(making, self));
    this.#refreshes.set(key, refresh);
    const land = (): void => {
      if (this.#refreshes.get(key) === refresh) this.#refreshes.delete(key);
    };
    refresh.landed.then(land, (err: unknown) => {
      land();
      this.#logger.warn({ err, key }, 'stale value could not be made anew; it is served while it lasts');
    });
  }

  async #put(key: string, { value, text, ttlMs }: { value: unknown; text: string; ttlMs: number }): Promise<void> {
    const { negativeTtlMs = ttlMs, staleMs, jitter } = this.#life;
    const isNegative = value === undefined || value === null;
    const life = { ttlMs: (isNegative ? negativeTtlMs : ttlMs) * (1 - jitter * this.#random()), staleMs: isNegative ? 0 : staleMs };
    if (isNegative && negativeTtlMs === 0) await this.#store.delete(key);
    else await this.#store.set(key, text, life);
  }

  /** What is being made for the key is out of date already. */
  #overtake(name: string): void {
    for (const flights of [this.#flights, this.#refreshes]) {
      const flight = flights.get(name);
      if (flight !== undefined) flight.valid = false;
      flights.delete(name);
    }
  }

  #name(key: string): string {
    checkKey(key, MAX_KEY_LENGTH - this.#prefix.length);
    return this.#prefix + key;
  }
}

function encode(value: unknown): string {
  try {
    return encodeValue(value);
  } catch {
    throw invalidOption('value', 'a value that JSON can hold', value);
  }
}

/**
 * Keeps what is costly to make. `wrap` makes a value once however many ask at once, and under `stale` nobody but the very
 * first waits for it.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createCache } from '@tunic/core';
 *
 * const rates = createCache({ ttl: '5m', stale: '1h', negativeTtl: '10s' });
 * let calls = 0;
 * const load = async () => ({ eur: ++calls });
 * await Promise.all([rates.wrap('2030-01-01', load), rates.wrap('2030-01-01', load)]);
 * console.log(calls); // 1
 * await rates.clear('2030-*');
 * ```
 */
export function createCache(options: CacheOptions): Cache {
  return new CacheImplementation(options);
}
