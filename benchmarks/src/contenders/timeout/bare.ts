import type { Contender } from '../../harness/contender.ts';
import { timeoutLoad } from '../../loads/timeout-load.ts';

/** The race one would write by hand. */
export function setup(): Contender {
  return timeoutLoad((operation, limitMs) => async () => {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('too late')), limitMs);
    });
    try {
      return await Promise.race([operation(), limit]);
    } finally {
      clearTimeout(timer);
    }
  });
}
