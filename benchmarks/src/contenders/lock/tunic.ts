import { createSemaphore } from '@tunic/core';
import type { Contender } from '../../harness/contender.ts';
import { lockLoad } from '../../loads/lock-load.ts';

export function setup(): Contender {
  const semaphore = createSemaphore(1);
  return lockLoad({
    loop: async (times, inside) => {
      for (let time = 0; time < times; time++) {
        const lease = await semaphore.acquire();
        inside();
        lease.release();
      }
    },
    hold: async () => {
      const lease = await semaphore.acquire();
      return () => lease.release();
    },
  });
}
