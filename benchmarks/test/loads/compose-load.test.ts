import { describe, expect, it } from 'vitest';
import { composeLoad, type Trail, type TrailLayer } from '../../src/loads/compose-load.ts';

type Join = (layers: TrailLayer[]) => (trail: Trail) => Promise<unknown>;

const nest: Join = (layers) =>
  layers.reduceRight<(trail: Trail) => Promise<unknown>>(
    (inner, layer) => (trail) => layer(trail, () => inner(trail)),
    () => Promise.resolve(),
  );

async function attempt(layers: 'sync' | 'async', join: Join): Promise<void> {
  const load = composeLoad({ depth: 5, layers }, join);
  await load.run(10);
  await load.check();
}

const broken: Record<string, Join> = {
  'leaves a layer out': (layers) => nest(layers.slice(1)),
  'runs them in another order': (layers) => nest(layers.toReversed()),
  'runs nothing': () => () => Promise.resolve(),
  'stops half-way': (layers) => nest([...layers.slice(0, 3), () => Promise.resolve()]),
};

describe.each(['sync', 'async'] as const)('composeLoad of %s layers', (layers) => {
  it('passes when all layers ran in order', async () => {
    await expect(attempt(layers, nest)).resolves.toBeUndefined();
  });

  it.each(Object.entries(broken))('notices a compose that %s', async (_, join) => {
    await expect(attempt(layers, join)).rejects.toThrow('0 of 10 calls');
  });
});

it('composeLoad notices a compose that does not let async layers come back out in order', async () => {
  const hasty: Join = (layers) => (trail) => {
    for (const layer of layers) void layer(trail, () => new Promise(() => undefined));
    return Promise.resolve();
  };
  await expect(attempt('async', hasty)).rejects.toThrow('0 of 10 calls');
});
