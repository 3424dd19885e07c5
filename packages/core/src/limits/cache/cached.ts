import { checkFunction } from '../../errors/invalid-option.ts';
import { createCache } from './cache.ts';
import type { CacheOptions } from './cache-options.ts';

/** Options of {@link cached}. */
export interface CachedOptions<A extends readonly unknown[], T> extends CacheOptions {
  /** The key of a call, made of its arguments. */
  key: (...args: A) => string;
  /** A value for which it returns true is handed over but not stored. */
  unless?: (value: T, ...args: A) => boolean;
}

/**
 * A function of the same arguments whose values are kept under the key of each call, as by `wrap` of a cache of its own.
 * Give it a `store`, with a `namespace`, to share them.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option; its calls reject as `wrap` does
 * @example
 * ```ts
 * import { cached } from '@tunic/core';
 *
 * const square = cached(async (n: number) => n * n, { key: (n) => `square:${n}`, ttl: '1m', unless: (value) => value === 0 });
 * console.log(await square(4), await square(4)); // 16 16, computed once
 * ```
 */
export function cached<A extends readonly unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, options: CachedOptions<A, T>): (...args: A) => Promise<T> {
  const { key, unless, ...rest } = options;
  checkFunction('fn', fn);
  checkFunction('key', key);
  if (unless !== undefined) checkFunction('unless', unless);
  const cache = createCache(rest);
  return async (...args) => {
    const refuse = unless && ((value: T): boolean => unless(value, ...args));
    return cache.wrap(key(...args), () => fn(...args), refuse === undefined ? {} : { unless: refuse });
  };
}
