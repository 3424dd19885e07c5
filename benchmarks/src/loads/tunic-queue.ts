import { createTasks, defineTask, type TaskStore } from '@tunic/core';
import type { Handler, Job, QueueAdapter } from './queue-load.ts';

const PAGE = 1000;

/** Tunic's tasks on any store, with their defaults: fences, leases, retries, results and retention. */
export function openTunicQueue(store: TaskStore, handler: Handler, closeStore: () => unknown): QueueAdapter {
  let left = Infinity;
  let allRan: () => void = () => undefined;
  const noop = defineTask({
    name: 'noop',
    run: async (job: Job) => {
      await handler(job);
      left--;
      if (left === 0) allRan();
    },
  });
  const tasks = createTasks({ store, tasks: [noop] });
  let added = 0;
  return {
    add: async (jobs) => {
      const handles = await tasks.enqueueMany(jobs.map((job) => ({ task: noop, input: job, priority: job.priority })));
      added += handles.filter(({ created }) => created).length;
    },
    drain: async (concurrency, jobs) => {
      left = jobs;
      const done = new Promise<void>((resolve) => (allRan = resolve));
      const worker = tasks.worker({ concurrency });
      await worker.start();
      await done;
      // Resolves once the last outcome is stored.
      await worker.stop();
    },
    unfinished: async () => {
      let succeeded = 0;
      for (let before = Infinity; ; ) {
        const page = await tasks.list({ states: ['succeeded'], limit: PAGE, ...(before < Infinity && { before }) });
        succeeded += page.length;
        before = page.at(-1)?.seq ?? 0;
        if (page.length < PAGE) return added - succeeded;
      }
    },
    close: async () => {
      await tasks.close();
      await closeStore();
    },
  };
}
