import pRetry from 'p-retry';
import type { Contender } from '../../harness/contender.ts';
import { retryLoad } from '../../loads/retry-load.ts';

export function setup(): Contender {
  return retryLoad((operation) => () => pRetry(operation));
}
