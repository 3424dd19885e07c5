import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';
import { checkKey } from '../check-key.ts';
import { MAX_KEY_LENGTH, namespacePrefix } from '../namespace.ts';
import { createMemoryRateLimitStore } from './memory-rate-limit-store.ts';
import { PatientConsumer } from './patient-consumer.ts';
import { MAX_COST, type Rate, readRate } from './rate.ts';
import type { RateLimitAlgorithm, RateLimitResult, RateLimitRule, RateLimitStore } from './rate-limit-store.ts';

/** Options of {@link createRateLimiter}. */
export interface RateLimiterOptions {
  /** What each key may consume, as `'100/m'`, `'5/30s'` or `{ limit: 100, window: '1m' }`. Windows may have any length. */
  limit: Rate;
  /**
   * `'sliding-window'` by default: never more than the limit in any window. `'token-bucket'` lets bursts through and then
   * an even flow. `'fixed-window'` is the cheapest to store, and lets through up to twice the limit around a boundary.
   */
  algorithm?: RateLimitAlgorithm;
  /** What a full token bucket holds; the limit by default. For `'token-bucket'` only. */
  burst?: number;
  /** For how long a key is refused altogether once it has asked for more than was left; not at all by default. */
  block?: Duration;
  /** Where usage is counted; in memory, for this object alone, by default. */
  store?: RateLimitStore;
  /**
   * Keeps the keys of this limiter apart from those of others on the same store; without ':' and '*'. Limiters of one
   * algorithm and window on one store share their usage unless their namespaces differ.
   */
  namespace?: string;
  /** Times {@link RateLimiter.wait}; usage is counted on the clock of the store. */
  clock?: Clock;
}

/** Options of {@link RateLimiter.wait}. */
export interface RateLimitWaitOptions {
  /** 1 by default. */
  cost?: number;
  /** How long at most; `'30s'` by default. */
  maxWait?: Duration;
  signal?: AbortSignal | undefined;
}

/**
 * Counts what each key consumes and says when it is too much. Keys are texts of 1 to about 480 characters. Each call
 * rejects with `ERR_TUNIC_OPTION` for a bad argument and with what the store rejects with.
 */
export interface RateLimiter {
  /**
   * Takes `cost` (1 by default, and at most the limit or burst) if all of it fits; what is refused costs nothing, but
   * starts the block where one is set.
   */
  consume(key: string, cost?: number): Promise<RateLimitResult>;
  /** What {@link RateLimiter.consume} would answer, but for what it takes; changes nothing. */
  peek(key: string, cost?: number): Promise<RateLimitResult>;
  /** Takes `amount` whether it fits or not, for a failed login say. A debt over the limit keeps the key out for longer. */
  penalty(key: string, amount?: number): Promise<RateLimitResult>;
  /** Gives back so much of what was taken last, and never more than is in use. A block stays as it is. */
  reward(key: string, amount?: number): Promise<RateLimitResult>;
  /** Forgets what the key used, and lifts its block. */
  reset(key: string): Promise<void>;
  /**
   * Consumes as soon as it fits. Those who wait for one key in this process go one after the other in order of arrival,
   * whatever their cost; waiting starts no block. Rejects with the reason of `signal`, and with `ERR_TUNIC_RATE_LIMITED`
   * (retryable, with `retryAfterMs`) as soon as it is clear that `maxWait` is too short; nothing is taken then.
   */
  wait(key: string, options?: RateLimitWaitOptions): Promise<RateLimitResult>;
}

class RateLimiterImplementation implements RateLimiter {
  readonly #store: RateLimitStore;
  readonly #rule: RateLimitRule;
  readonly #prefix: string;
  readonly #patient: PatientConsumer;

  constructor(options: RateLimiterOptions) {
    const { clock = systemClock, namespace } = options;
    const prefix = namespacePrefix(namespace);
    this.#rule = readRule(options);
    this.#store = options.store ?? createMemoryRateLimitStore({ clock });
    this.#patient = new PatientConsumer({ store: this.#store, clock, rule: { ...this.#rule, blockMs: 0 } });
    // A store of its own needs no prefix, and the shorter key is the faster one.
    this.#prefix = options.store === undefined ? '' : `${prefix}${this.#rule.algorithm}/${this.#rule.windowMs}:`;
  }

  async consume(key: string, cost = 1): Promise<RateLimitResult> {
    return this.#store.consume(this.#name(key), this.#rule, this.#cost(cost));
  }

  async peek(key: string, cost = 1): Promise<RateLimitResult> {
    return this.#store.peek(this.#name(key), this.#rule, this.#cost(cost));
  }

  async penalty(key: string, amount = 1): Promise<RateLimitResult> {
    return this.#store.adjust(this.#name(key), this.#rule, checkInteger('amount', amount, 1, MAX_COST));
  }

  async reward(key: string, amount = 1): Promise<RateLimitResult> {
    return this.#store.adjust(this.#name(key), this.#rule, -checkInteger('amount', amount, 1, MAX_COST));
  }

  async reset(key: string): Promise<void> {
    await this.#store.reset(this.#name(key));
  }

  async wait(key: string, options: RateLimitWaitOptions = {}): Promise<RateLimitResult> {
    const { cost = 1, maxWait = '30s', signal } = options;
    const maxWaitMs = toMilliseconds(maxWait, 'maxWait');
    return this.#patient.wait({ name: this.#name(key), cost: this.#cost(cost), maxWaitMs, signal });
  }

  #name(key: string): string {
    checkKey(key, MAX_KEY_LENGTH - this.#prefix.length);
    return this.#prefix === '' ? key : this.#prefix + key;
  }

  #cost(cost: number): number {
    return checkInteger('cost', cost, 1, this.#rule.burst);
  }
}

const ALGORITHMS: readonly RateLimitAlgorithm[] = ['fixed-window', 'sliding-window', 'token-bucket'];

function readRule(options: RateLimiterOptions): RateLimitRule {
  const { algorithm = 'sliding-window', burst, block = 0 } = options;
  if (!ALGORITHMS.includes(algorithm)) throw invalidOption('algorithm', `one of ${ALGORITHMS.join(', ')}`, algorithm);
  if (burst !== undefined && algorithm !== 'token-bucket') throw invalidOption('burst', "to be left out unless the algorithm is 'token-bucket'", burst);
  const { limit, windowMs } = readRate(options.limit);
  return { algorithm, limit, windowMs, burst: checkInteger('burst', burst ?? limit, 1, MAX_COST), blockMs: toMilliseconds(block, 'block') };
}

/**
 * Limits how much each key consumes in a length of time, exactly, also when many processes share a store.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createRateLimiter } from '@tunic/core';
 *
 * const logins = createRateLimiter({ limit: '5/15m', block: '1h' });
 * const { allowed, remaining } = await logins.consume('ada@example.com');
 * console.log(allowed, remaining); // true 4
 * await logins.reset('ada@example.com'); // she is in
 * ```
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  return new RateLimiterImplementation(options);
}
