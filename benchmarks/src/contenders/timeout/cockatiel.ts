import { timeout, TimeoutStrategy } from 'cockatiel';
import type { Contender } from '../../harness/contender.ts';
import { timeoutLoad } from '../../loads/timeout-load.ts';

export function setup(): Contender {
  return timeoutLoad((operation, limitMs) => {
    const policy = timeout(limitMs, TimeoutStrategy.Aggressive);
    return () => policy.execute(operation);
  });
}
