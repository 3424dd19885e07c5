import { Sema } from 'async-sema';
import type { Contender } from '../../harness/contender.ts';
import { crowdLoad, type CrowdParameters } from '../../loads/crowd-load.ts';

export function setup(parameters: CrowdParameters): Contender {
  return crowdLoad(parameters, (permits) => {
    const semaphore = new Sema(permits);
    return async (section) => {
      await semaphore.acquire();
      try {
        await section();
      } finally {
        semaphore.release();
      }
    };
  });
}
