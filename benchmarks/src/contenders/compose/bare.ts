import type { Contender } from '../../harness/contender.ts';
import { composeLoad, type ComposeParameters, type Trail } from '../../loads/compose-load.ts';

/** What one would write by hand: each layer is called by the one before. */
export function setup(parameters: ComposeParameters): Contender {
  return composeLoad(parameters, (layers) =>
    layers.reduceRight<(trail: Trail) => Promise<unknown>>(
      (inner, layer) => (trail) => layer(trail, () => inner(trail)),
      () => Promise.resolve(),
    ),
  );
}
