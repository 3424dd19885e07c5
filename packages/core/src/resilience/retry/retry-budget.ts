import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { type Clock, systemClock } from '../../time/clock.ts';

/** Options of {@link createRetryBudget}. */
export interface RetryBudgetOptions {
  /** How many tokens it holds at most, and at the start; 100 by default. */
  tokens?: number;
  /** The tokens that each call pays in, before its first attempt, from 0 to 1; 0.1 by default. */
  ratio?: number;
  /** Tokens that come in each second by themselves, so that rare calls may be retried too; 0 by default. */
  perSecond?: number;
  clock?: Clock;
}

/**
 * Limits how many retries all calls together make, so that retries cannot multiply the load on something that is down.
 * Share one among all calls to the same place.
 */
export interface RetryBudget {
  /** What it holds now; a retry needs a whole one. */
  readonly tokens: number;
  /** A call begins. */
  deposit(): void;
  /** Takes the token of one retry. `false`: there is none, and the retry must not be made. */
  tryWithdraw(): boolean;
}

/** Ten times 0.1 make a little less than 1. */
const ALMOST_ONE = 1 - 1e-9;

class TokenBucket implements RetryBudget {
  readonly #capacity: number;
  readonly #ratio: number;
  readonly #perMs: number;
  readonly #clock: Clock;
  #tokens: number;
  #refilledMs: number;

  constructor({ tokens, ratio, perSecond, clock }: Required<RetryBudgetOptions>) {
    this.#capacity = this.#tokens = tokens;
    this.#ratio = ratio;
    this.#perMs = perSecond / 1000;
    this.#clock = clock;
    this.#refilledMs = perSecond === 0 ? 0 : clock.monotonic();
  }

  get tokens(): number {
    this.#refill();
    return this.#tokens;
  }

  deposit(): void {
    this.#refill();
    this.#add(this.#ratio);
  }

  tryWithdraw(): boolean {
    this.#refill();
    if (this.#tokens < ALMOST_ONE) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }

  #refill(): void {
    if (this.#perMs === 0) return;
    const nowMs = this.#clock.monotonic();
    this.#add((nowMs - this.#refilledMs) * this.#perMs);
    this.#refilledMs = nowMs;
  }

  #add(tokens: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + tokens);
  }
}

/**
 * Creates a retry budget, a token bucket: over any time, the calls that share it make at most `ratio` retries per call,
 * plus `perSecond`, plus once what it holds.
 *
 * Source: Google, "Site Reliability Engineering", 2016, chapter 21, per-client retry budget.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { constant, createRetryBudget, retry } from '@tunic/core';
 *
 * const budget = createRetryBudget({ tokens: 1, ratio: 0.2 });
 * let calls = 0;
 * const down = () => Promise.reject(new Error(`down ${++calls}`));
 * await retry(down, { attempts: 5, budget, backoff: constant(1) }).catch(() => {});
 * calls; // 2: the budget had room for one retry
 * ```
 */
export function createRetryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { tokens = 100, ratio = 0.1, perSecond = 0, clock = systemClock } = options;
  checkInteger('tokens', tokens, 1);
  if (!(typeof ratio === 'number' && ratio >= 0 && ratio <= 1)) throw invalidOption('ratio', 'a number from 0 to 1', ratio);
  if (!(typeof perSecond === 'number' && perSecond >= 0 && perSecond < Infinity))
    throw invalidOption('perSecond', 'a number ≥ 0', perSecond);
  return new TokenBucket({ tokens, ratio, perSecond, clock });
}
