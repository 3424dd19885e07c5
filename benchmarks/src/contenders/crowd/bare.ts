import type { Contender } from '../../harness/contender.ts';
import { crowdLoad, type CrowdParameters } from '../../loads/crowd-load.ts';

/** The least that keeps the limit: an array of resolvers, read by index and never shortened while anyone waits. */
export function setup(parameters: CrowdParameters): Contender {
  return crowdLoad(parameters, (permits) => {
    let free = permits;
    let head = 0;
    let waiting: (() => void)[] = [];
    const leave = (): void => {
      const next = waiting[head++];
      if (next !== undefined) next();
      else {
        waiting = [];
        head = 0;
        free++;
      }
    };
    return async (section) => {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => void waiting.push(resolve));
      await section();
      leave();
    };
  });
}
