import { describe, expect, it } from 'vitest';
import { type Handler, type Job, type QueueAdapter, queueLoad } from '../../src/loads/queue-load.ts';

function openQueue(handler: Handler, order: (a: Job, b: Job) => number = (a, b) => a.priority - b.priority): QueueAdapter {
  let waiting: Job[] = [];
  return {
    add: (jobs) => void waiting.push(...jobs),
    drain: async () => {
      for (const job of waiting.toSorted(order)) await handler(job);
      waiting = [];
    },
    unfinished: () => waiting.length,
    close: () => undefined,
  };
}

async function attempt(phase: 'add' | 'drain' | 'whole', open: (handler: Handler) => QueueAdapter): Promise<void> {
  const load = queueLoad({ phase, batch: 7, concurrency: 5 }, open);
  await load.prepare?.(30);
  await load.run(30);
  await load.check();
}

describe.each(['add', 'drain', 'whole'] as const)('queueLoad, %s', (phase) => {
  it('passes when every task ran once, by priority', async () => {
    await expect(attempt(phase, openQueue)).resolves.toBeUndefined();
  });

  it('notices tasks that were lost', async () => {
    const open = (handler: Handler) => {
      const queue = openQueue(handler);
      return { ...queue, add: (jobs: readonly Job[]) => queue.add(jobs.slice(1)) };
    };
    await expect(attempt(phase, open)).rejects.toThrow('of 30 tasks');
  });

  it('notices tasks that run twice', async () => {
    const twice = (handler: Handler) => openQueue((job) => handler(job).then(() => handler(job)));
    await expect(attempt(phase, twice)).rejects.toThrow('0 of 30 tasks ran exactly once');
  });

  it('notices an order that is not by priority', async () => {
    const byArrival = (handler: Handler) => openQueue(handler, (a, b) => a.index - b.index);
    await expect(attempt(phase, byArrival)).rejects.toThrow('before one of higher priority');
  });

  it('notices outcomes that were not stored', async () => {
    const open = (handler: Handler) => {
      const queue = openQueue(handler);
      let ran = false;
      const drain = async (): Promise<void> => {
        await queue.drain(5, 30);
        ran = true;
      };
      return { ...queue, drain, unfinished: () => (ran ? 3 : queue.unfinished()) };
    };
    await expect(attempt(phase, open)).rejects.toThrow('3 tasks are not finished');
  });
});
