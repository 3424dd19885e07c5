import { createMemoryTaskStore } from '@tunic/core';
import type { Contender } from '../../harness/contender.ts';
import { queueLoad, type QueueParameters } from '../../loads/queue-load.ts';
import { openTunicQueue } from '../../loads/tunic-queue.ts';

export function setup(parameters: QueueParameters): Contender {
  return queueLoad(parameters, (handler) => {
    const store = createMemoryTaskStore();
    return openTunicQueue(store, handler, () => store[Symbol.asyncDispose]());
  });
}
