import type { Middleware } from '../../compose/compose.ts';
import { checkFunction, invalidOption } from '../../errors/invalid-option.ts';
import { type LayerSignal, signalFor } from '../../resilience/layer-signal.ts';
import type { Duration } from '../../time/duration.ts';
import { toMilliseconds } from '../../time/duration.ts';
import { rateLimited } from './patient-consumer.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Options of {@link rateLimitLayer}. */
export interface RateLimitLayerOptions<C> {
  /** Whom a call counts for; `undefined`: it is not limited. */
  key: (context: C) => string | undefined;
  /** What a call costs; 1 by default. */
  cost?: (context: C) => number;
  /** Waits for room so long at most, instead of refusing at once. */
  maxWait?: Duration;
  /** Ends the wait. */
  signal?: LayerSignal<C> | undefined;
}

/**
 * A layer that lets a call in only if the rate limit of its key has room, and otherwise rejects with
 * `ERR_TUNIC_RATE_LIMITED` (retryable, with `retryAfterMs`) before anything inside it has run.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option; its calls reject as {@link RateLimiter.consume} and `wait` do
 * @example
 * ```ts
 * import { compose, createRateLimiter, isTunicError, rateLimitLayer } from '@tunic/core';
 *
 * const limiter = createRateLimiter({ limit: '1/m' });
 * const call = compose<{ user: string }, string>([rateLimitLayer(limiter, { key: ({ user }) => user }), () => 'served']);
 * await call({ user: 'ada' });
 * await call({ user: 'ada' }).catch((error) => console.log(isTunicError(error, 'ERR_TUNIC_RATE_LIMITED'))); // true
 * ```
 */
export function rateLimitLayer<C, R = unknown>(limiter: RateLimiter, options: RateLimitLayerOptions<C>): Middleware<C, R> {
  const { key, cost = () => 1, maxWait, signal } = options;
  if (typeof (limiter as Partial<RateLimiter> | undefined)?.consume !== 'function') throw invalidOption('limiter', 'a rate limiter', limiter);
  checkFunction('key', key);
  checkFunction('cost', cost);
  if (maxWait !== undefined) toMilliseconds(maxWait, 'maxWait');
  return async (context, next) => {
    const name = key(context);
    if (name === undefined) return next();
    if (maxWait !== undefined) await limiter.wait(name, { cost: cost(context), maxWait, signal: signalFor(signal, context) });
    else {
      const { allowed, retryAfterMs } = await limiter.consume(name, cost(context));
      if (!allowed) throw rateLimited(retryAfterMs);
    }
    return next();
  };
}
