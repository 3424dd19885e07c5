import { type Contender, prove } from '../harness/contender.ts';

/** What the layers write as they run; each call has one of its own. */
export interface Trail {
  /** Layers entered, in order. */
  inward: number;
  /** Layers that are still to be left. */
  outward: number;
}

/** A layer as koa-compose and Tunic take it. */
export type TrailLayer = (trail: Trail, next: () => Promise<unknown>) => Promise<unknown>;

/** Parameters of {@link composeLoad}. */
export interface ComposeParameters {
  readonly depth: number;
  /** `sync` layers return `next()`; `async` ones await it and then do something more. */
  readonly layers: 'sync' | 'async';
}

/** Joins layers, and calls them one call after the other. Each layer notes that it was entered, and left, in its turn. */
export function composeLoad(
  { depth, layers }: ComposeParameters,
  join: (layers: TrailLayer[]) => (trail: Trail) => Promise<unknown>,
): Contender {
  const makeLayer = layers === 'sync' ? syncLayer : asyncLayer;
  const call = join(Array.from({ length: depth }, (_, index) => makeLayer(index)));
  const left = layers === 'sync' ? depth : 0;
  let asked = 0;
  let whole = 0;
  return {
    run: async (ops) => {
      asked = ops;
      whole = 0;
      for (let op = 0; op < ops; op++) {
        const trail: Trail = { inward: 0, outward: depth };
        await call(trail);
        if (trail.inward === depth && trail.outward === left) whole++;
      }
    },
    check: () => prove(asked > 0 && whole === asked, `${whole} of ${asked} calls ran ${depth} layers in order`),
  };
}

function syncLayer(index: number): TrailLayer {
  return (trail, next) => {
    if (trail.inward === index) trail.inward = index + 1;
    return next();
  };
}

function asyncLayer(index: number): TrailLayer {
  return async (trail, next) => {
    if (trail.inward === index) trail.inward = index + 1;
    await next();
    if (trail.outward === index + 1) trail.outward = index;
  };
}
