import PQueue from 'p-queue';
import type { Contender } from '../../harness/contender.ts';
import { queueLoad, type QueueParameters } from '../../loads/queue-load.ts';

export function setup(parameters: QueueParameters): Contender {
  return queueLoad(parameters, (handler) => {
    const queue = new PQueue({ concurrency: parameters.concurrency, autoStart: false });
    return {
      // Here a higher number runs first.
      add: (jobs) => {
        for (const job of jobs) void queue.add(() => handler(job), { priority: -job.priority });
      },
      drain: () => queue.start().onIdle(),
      unfinished: () => queue.size + queue.pending,
      close: () => queue.clear(),
    };
  });
}
