import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSemaphore } from '../../../src/resilience/semaphore/semaphore.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const user = fc.record({
  permits: fc.integer({ min: 1, max: 4 }),
  priority: fc.integer({ min: 0, max: 2 }),
  fate: fc.constantFrom('patient', 'patient', 'aborts', 'times out'),
  withRun: fc.boolean(),
});

it('never lends more than there is, settles everyone and ends with nothing out, in any order of events', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(user, { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
      fc.constantFrom('fifo' as const, 'lifo' as const),
      fc.boolean(),
      async (scheduler, users, sizes, order, closes) => {
        const clock = createVirtualClock();
        const semaphore = createSemaphore(4, { order, clock });
        let [out, capacity, settled] = [0, 4, 0];
        const hold = async (permits: number): Promise<void> => {
          out += permits;
          // Held permits stay held through a shrinking, so nothing may be lent beyond the new size.
          expect(out).toBeLessThanOrEqual(capacity);
          await scheduler.schedule(Promise.resolve());
          out -= permits;
        };
        const live = async ({ permits, priority, fate, withRun }: (typeof users)[number]): Promise<void> => {
          const controller = new AbortController();
          if (fate === 'aborts') void scheduler.schedule(Promise.resolve()).then(() => controller.abort('aborted'));
          const options = { permits, priority, signal: controller.signal, ...(fate === 'times out' ? { timeout: 10 } : {}) };
          if (withRun) return semaphore.run(() => hold(permits), options);
          const lease = await semaphore.acquire(options);
          await hold(permits);
          lease.release();
          lease.release();
        };
        const allowed = (error: unknown): boolean =>
          error === 'aborted' || ['ERR_TUNIC_TIMEOUT', 'ERR_TUNIC_CLOSED', 'ERR_TUNIC_OPTION'].includes((error as { code: string }).code);
        const all = users.map(async (one) => {
          await scheduler.schedule(Promise.resolve());
          await live(one).catch((error: unknown) => {
            if (!allowed(error)) throw error;
          });
          settled++;
        });
        for (const size of sizes)
          void scheduler.schedule(Promise.resolve()).then(() => {
            semaphore.resize(size);
            capacity = Math.max(size, out);
          });
        void scheduler.schedule(Promise.resolve()).then(() => clock.advance(20));
        if (closes) void scheduler.schedule(Promise.resolve()).then(() => semaphore.close());
        const finish = Promise.all(all);
        await scheduler.waitFor(finish);
        await clock.advance(20);
        expect(settled).toBe(users.length);
        const final = sizes.length === 0 ? 4 : semaphore.available;
        expect([out, semaphore.waiting, semaphore.available, clock.pendingTimers]).toEqual([0, 0, final, 0]);
        expect(final).toBeGreaterThanOrEqual(1);
        await semaphore.drain();
      },
    ),
    { numRuns: 400 },
  );
});

it('serves waiters as a sorted list would', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ permits: fc.integer({ min: 1, max: 3 }), priority: fc.integer({ min: -1, max: 1 }), aborts: fc.boolean() }), { maxLength: 15 }),
      fc.boolean(),
      async (waiters, newestFirst) => {
        const semaphore = createSemaphore(3, { order: newestFirst ? 'lifo' : 'fifo' });
        const first = await semaphore.acquire({ permits: 3 });
        const served: number[] = [];
        const waits = waiters.map(async ({ permits, priority, aborts }, id) => {
          const controller = new AbortController();
          const wait = semaphore.acquire({ permits, priority, signal: controller.signal });
          if (aborts) controller.abort(id);
          const lease = await wait;
          served.push(id);
          lease.release();
        });
        first.release();
        const results = await Promise.allSettled(waits);
        const expected = waiters
          .map((waiter, id) => ({ ...waiter, id }))
          .filter(({ aborts }) => !aborts)
          .sort((a, b) => a.priority - b.priority || (newestFirst ? b.id - a.id : a.id - b.id));
        expect(served).toEqual(expected.map(({ id }) => id));
        expect(results.map(({ status }) => status === 'rejected')).toEqual(waiters.map(({ aborts }) => aborts));
        expect([semaphore.available, semaphore.waiting]).toEqual([3, 0]);
      },
    ),
    { numRuns: 300 },
  );
});
