import { retry } from '@tunic/core';
import type { Contender } from '../../harness/contender.ts';
import { retryLoad } from '../../loads/retry-load.ts';

export function setup(): Contender {
  return retryLoad((operation) => () => retry(operation));
}
