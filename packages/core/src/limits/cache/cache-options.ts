import { invalidOption } from '../../errors/invalid-option.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';
import type { CacheStore } from './cache-store.ts';

/** Options of {@link createCache}. */
export interface CacheOptions {
  /** How long a value is fresh, longer than 0. */
  ttl: Duration;
  /**
   * For how long beyond that `wrap` still answers with it at once, while it is made anew behind the scenes: also when
   * that fails. 0 by default.
   */
  stale?: Duration;
  /** By what share of it, from 0 to 1, a `ttl` is shortened at random, so that values do not all end at once; 0 by default. */
  ttlJitter?: number;
  /** The `ttl` of `undefined` and `null`, which are never served stale; 0: they are not stored. `ttl` by default. */
  negativeTtl?: Duration;
  /** Keeps the keys apart from those of others on the same store; without ':' and '*'. */
  namespace?: string;
  /** Where values are kept; in memory, for this object alone, by default. */
  store?: CacheStore;
  /** The clock of the default store; any other store has its own. */
  clock?: Clock;
  random?: () => number;
  /** Gets what `wrap` cannot tell anybody: a store in trouble, or a stale value that could not be made anew. */
  logger?: Logger;
}

/** How long values live, in numbers. */
export interface CacheLife {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly negativeTtlMs: number | undefined;
  readonly jitter: number;
}

/** Checks the options that say how long values live. */
export function readLife({ ttl, stale = 0, negativeTtl, ttlJitter = 0 }: CacheOptions): CacheLife {
  if (!(ttlJitter >= 0 && ttlJitter <= 1)) throw invalidOption('ttlJitter', 'a number from 0 to 1', ttlJitter);
  return {
    ttlMs: readTtl(ttl),
    staleMs: toMilliseconds(stale, 'stale'),
    negativeTtlMs: negativeTtl === undefined ? undefined : toMilliseconds(negativeTtl, 'negativeTtl'),
    jitter: ttlJitter,
  };
}

/** A `ttl` in milliseconds. */
export function readTtl(ttl: Duration): number {
  const ms = toMilliseconds(ttl, 'ttl');
  if (ms === 0) throw invalidOption('ttl', 'a duration longer than 0', ttl);
  return ms;
}
