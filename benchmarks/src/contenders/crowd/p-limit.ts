import pLimit from 'p-limit';
import type { Contender } from '../../harness/contender.ts';
import { crowdLoad, type CrowdParameters } from '../../loads/crowd-load.ts';

export function setup(parameters: CrowdParameters): Contender {
  return crowdLoad(parameters, (permits) => {
    const limit = pLimit(permits);
    return (section) => limit(section);
  });
}
