import { checkFunction } from '../errors/invalid-option.ts';

/** A global symbol, so that copies of the package agree. */
const REPEATABLE = Symbol.for('tunic.repeatable');

/**
 * Marks a layer as one that may call `next()` again after its last call settled, as a retry does; every layer inside then
 * runs afresh. Calling it while one is under way stays an error. Returns the same layer.
 *
 * @throws `ERR_TUNIC_OPTION` when `layer` is no function
 * @example
 * ```ts
 * import { compose, repeatable, type Middleware } from '@tunic/core';
 *
 * const twice: Middleware<object> = async (context, next) => [await next(), await next()];
 * let runs = 0;
 * await compose([repeatable(twice), () => ++runs])({}); // [1, 2]
 * ```
 */
export function repeatable<M extends object>(layer: M): M {
  checkFunction('layer', layer);
  if (!isRepeatable(layer)) Object.defineProperty(layer, REPEATABLE, { value: true });
  return layer;
}

/** Whether a layer is marked by {@link repeatable}. */
export function isRepeatable(layer: object): boolean {
  return (layer as Record<symbol, unknown>)[REPEATABLE] === true;
}
