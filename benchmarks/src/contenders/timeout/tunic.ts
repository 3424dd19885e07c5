import { timeout } from '@tunic/core';
import type { Contender } from '../../harness/contender.ts';
import { timeoutLoad } from '../../loads/timeout-load.ts';

export function setup(): Contender {
  return timeoutLoad((operation, limitMs) => () => timeout(operation, limitMs));
}
