import { createSemaphore } from '@tunic/core';
import type { Contender } from '../../harness/contender.ts';
import { crowdLoad, type CrowdParameters } from '../../loads/crowd-load.ts';

export function setup(parameters: CrowdParameters): Contender {
  return crowdLoad(parameters, (permits) => {
    const semaphore = createSemaphore(permits);
    return (section) => semaphore.run(section);
  });
}
