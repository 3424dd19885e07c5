import { Sema } from 'async-sema';
import type { Contender } from '../../harness/contender.ts';
import { lockLoad } from '../../loads/lock-load.ts';

export function setup(): Contender {
  const semaphore = new Sema(1);
  return lockLoad({
    loop: async (times, inside) => {
      for (let time = 0; time < times; time++) {
        await semaphore.acquire();
        inside();
        semaphore.release();
      }
    },
    hold: async () => {
      await semaphore.acquire();
      return () => semaphore.release();
    },
  });
}
