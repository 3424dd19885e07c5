import CircuitBreaker from 'opossum';
import type { Contender } from '../../harness/contender.ts';
import { timeoutLoad } from '../../loads/timeout-load.ts';

export function setup(): Contender {
  return timeoutLoad((operation, limitMs) => {
    // Percentiles are no part of a time limit; without them it is at its fastest.
    const breaker = new CircuitBreaker(operation, { timeout: limitMs, rollingPercentilesEnabled: false });
    return () => breaker.fire();
  });
}
