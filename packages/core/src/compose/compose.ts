import { TunicError } from '../errors/tunic-error.ts';
import { isRepeatable, repeatable } from './repeatable.ts';

/** Runs the layers further in. Resolves with what they return. */
export type Next<R = unknown> = () => Promise<R>;

/** One layer: does its work around `next()`, or instead of it, and returns the result. */
export type Middleware<C, R = unknown> = (context: C, next: Next<R>) => R | Promise<R>;

/** What {@link compose} returns: a layer itself, whose `next` is optional. */
export type Composed<C, R = unknown> = (context: C, next?: Middleware<C, R>) => Promise<R>;

/** One call of a composed function. */
class Call<C, R> {
  readonly context: C;
  readonly last: Middleware<C, R> | undefined;
  fault: TunicError | undefined = undefined;

  constructor(context: C, last: Middleware<C, R> | undefined) {
    this.context = context;
    this.last = last;
  }
}

const NOTHING: Promise<never> = Promise.resolve<unknown>(undefined) as Promise<never>;

/**
 * Joins layers into one function: each runs around the ones after it, and the `next` given to the call runs innermost.
 * Whatever a layer throws becomes a rejection. The list is read once, here. Takes what koa-compose takes, but for nested
 * lists.
 *
 * A layer may call `next()` once. A second call rejects with `ERR_TUNIC_NEXT_TWICE`, and so does the whole call once its
 * outermost layer is done, even where the layer never looked at that second promise or caught its error; only an error
 * that the layers throw themselves goes before it. Layers marked with {@link repeatable} may call it again once the call
 * before has settled.
 *
 * @throws `TypeError` when `layers` is no array or holds anything but functions
 * @example
 * ```ts
 * import { compose } from '@tunic/core';
 *
 * const greet = compose<{ name: string }, string>([
 *   async (context, next) => `${await next()}!`,
 *   (context) => `Hello ${context.name}`,
 * ]);
 * await greet({ name: 'Ada' }); // 'Hello Ada!'
 * ```
 */
export function compose<C, R = unknown>(layers: readonly Middleware<C, R>[]): Composed<C, R> {
  if (!Array.isArray(layers)) throw new TypeError('Middleware stack must be an array!');
  if (!layers.every((layer) => typeof layer === 'function')) throw new TypeError('Middleware must be composed of functions!');
  const stack = layers.slice() as readonly Middleware<C, R>[];
  const mayRepeat = stack.map(isRepeatable);
  const { length } = stack;

  function enter(call: Call<C, R>, index: number): Promise<R> {
    const layer = index < length ? stack[index] : index === length ? call.last : undefined;
    if (layer === undefined) return NOTHING;
    let entered = false;
    const next =
      mayRepeat[index] === true
        ? repeatableNext(call, () => enter(call, index + 1))
        : () => {
            if (entered) return refuse(call);
            entered = true;
            return enter(call, index + 1);
          };
    try {
      const result = layer(call.context, next);
      return result instanceof Promise ? result : Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  const composed: Composed<C, R> = (context, next) => {
    const call = new Call(context, next);
    return enter(call, 0).then((value) => {
      if (call.fault !== undefined) throw call.fault;
      return value;
    });
  };
  // Its `next` is called again when a layer inside repeats.
  return mayRepeat.includes(true) ? repeatable(composed) : composed;
}

function repeatableNext<C, R>(call: Call<C, R>, enter: Next<R>): Next<R> {
  let underWay = false;
  const settled = (): void => void (underWay = false);
  return () => {
    if (underWay) return refuse(call);
    underWay = true;
    const result = enter();
    result.then(settled, settled);
    return result;
  };
}

function refuse(call: { fault: TunicError | undefined }): Promise<never> {
  const error = new TunicError('ERR_TUNIC_NEXT_TWICE', 'next() called multiple times');
  call.fault ??= error;
  const refused = Promise.reject(error);
  // The call as a whole reports it; a layer that drops this promise must not bring the process down.
  refused.catch(() => undefined);
  return refused;
}
