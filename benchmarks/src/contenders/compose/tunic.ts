import { compose } from '@tunic/core';
import type { Contender } from '../../harness/contender.ts';
import { composeLoad, type ComposeParameters, type Trail } from '../../loads/compose-load.ts';

export function setup(parameters: ComposeParameters): Contender {
  return composeLoad(parameters, (layers) => compose<Trail>(layers));
}
