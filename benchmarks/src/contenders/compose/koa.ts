import compose from 'koa-compose';
import type { Contender } from '../../harness/contender.ts';
import { composeLoad, type ComposeParameters } from '../../loads/compose-load.ts';

export function setup(parameters: ComposeParameters): Contender {
  return composeLoad(parameters, compose);
}
