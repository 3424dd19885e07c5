import type { Contender } from '../../harness/contender.ts';
import { retryLoad } from '../../loads/retry-load.ts';

/** The loop one would write by hand, with no wait. */
export function setup(): Contender {
  return retryLoad((operation) => async () => {
    for (let left = 3; ; left--) {
      try {
        return await operation();
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  });
}
