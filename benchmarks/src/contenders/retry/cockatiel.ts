import { ConstantBackoff, handleAll, retry } from 'cockatiel';
import type { Contender } from '../../harness/contender.ts';
import { retryLoad } from '../../loads/retry-load.ts';

export function setup(): Contender {
  // Here maxAttempts counts the calls after the first.
  const policy = retry(handleAll, { maxAttempts: 2, backoff: new ConstantBackoff(1) });
  return retryLoad((operation) => () => policy.execute(operation));
}
