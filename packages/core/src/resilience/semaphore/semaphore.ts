import type { Middleware } from '../../compose/compose.ts';
import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { systemClock } from '../../time/clock.ts';
import { CountingSemaphore } from './counting-semaphore.ts';
import { type LayerSignal, signalFor } from '../layer-signal.ts';
import type { AcquireOptions, Semaphore, SemaphoreOptions } from './semaphore-types.ts';

/** Options of {@link semaphoreLayer}. */
export interface SemaphoreLayerOptions<C> extends Omit<AcquireOptions, 'signal'> {
  signal?: LayerSignal<C> | undefined;
}

/**
 * Creates a counting semaphore: at most `permits` are out at any time.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { createSemaphore } from '@tunic/core';
 *
 * const semaphore = createSemaphore(2);
 * await semaphore.run(() => 'at most two at once');
 *
 * const lease = await semaphore.acquire({ timeout: '1s' });
 * lease.release();
 * ```
 */
export function createSemaphore(permits: number, options: SemaphoreOptions = {}): Semaphore {
  const { maxQueue = Infinity, order = 'fifo', clock = systemClock } = options;
  if (maxQueue !== Infinity) checkInteger('maxQueue', maxQueue, 0);
  if (!ORDERS.includes(order)) throw invalidOption('order', "'fifo' or 'lifo'", order);
  return new CountingSemaphore(checkInteger('permits', permits, 1), { maxQueue, order, clock });
}

/**
 * A layer that runs everything inside it with permits of a semaphore, which several stacks may share.
 *
 * @throws `ERR_TUNIC_OPTION` when `semaphore` is none; its calls reject as {@link Semaphore.run} does
 * @example
 * ```ts
 * import { compose, createSemaphore, semaphoreLayer } from '@tunic/core';
 *
 * await compose<object, string>([semaphoreLayer(createSemaphore(10)), () => 'at most ten at once'])({});
 * ```
 */
export function semaphoreLayer<C, R = unknown>(semaphore: Semaphore, options?: SemaphoreLayerOptions<C>): Middleware<C, R> {
  if (typeof (semaphore as Partial<Semaphore> | undefined)?.run !== 'function') throw invalidOption('semaphore', 'a semaphore', semaphore);
  if (options === undefined) return (_context, next) => semaphore.run(next);
  const { signal, ...rest } = options;
  return (context, next) => semaphore.run(next, { ...rest, signal: signalFor(signal, context) });
}

const ORDERS: readonly string[] = ['fifo', 'lifo'];
