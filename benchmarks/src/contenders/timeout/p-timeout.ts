import pTimeout from 'p-timeout';
import type { Contender } from '../../harness/contender.ts';
import { timeoutLoad } from '../../loads/timeout-load.ts';

export function setup(): Contender {
  return timeoutLoad((operation, limitMs) => () => pTimeout(operation(), { milliseconds: limitMs }));
}
