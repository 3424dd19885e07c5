import { constant, retry } from '@tunic/core';
import type { Contender } from '../../harness/contender.ts';
import { retryLoad } from '../../loads/retry-load.ts';

const backoff = constant(1);

export function setup(): Contender {
  return retryLoad((operation) => () => retry(operation, { attempts: 3, backoff }));
}
