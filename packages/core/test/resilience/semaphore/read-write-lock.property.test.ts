import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createReadWriteLock } from '../../../src/resilience/semaphore/read-write-lock.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const user = fc.record({ writes: fc.boolean(), fate: fc.constantFrom('patient', 'patient', 'aborts', 'times out'), runs: fc.boolean() });

it('never has a writer beside anyone, settles all and ends with nothing held, in any order of events', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(user, { minLength: 1, maxLength: 12 }),
      fc.constantFrom('arrival' as const, 'reader' as const, 'writer' as const),
      fc.boolean(),
      async (scheduler, users, preference, closes) => {
        const clock = createVirtualClock();
        const lock = createReadWriteLock({ preference, clock });
        let [readers, writers, settled] = [0, 0, 0];
        const hold = async (writes: boolean): Promise<void> => {
          if (writes) writers++;
          else readers++;
          expect(writers === 0 || (writers === 1 && readers === 0)).toBe(true);
          expect([lock.reading >= readers, lock.writing]).toEqual([true, writes]);
          await scheduler.schedule(Promise.resolve());
          if (writes) writers--;
          else readers--;
        };
        const live = async ({ writes, fate, runs }: (typeof users)[number]): Promise<void> => {
          const controller = new AbortController();
          if (fate === 'aborts') void scheduler.schedule(Promise.resolve()).then(() => controller.abort('aborted'));
          const options = { signal: controller.signal, ...(fate === 'times out' ? { timeout: 10 } : {}) };
          if (runs) return writes ? lock.write(() => hold(true), options) : lock.read(() => hold(false), options);
          const lease = writes ? await lock.acquireWrite(options) : await lock.acquireRead(options);
          await hold(writes);
          lease.release();
        };
        const all = users.map(async (one) => {
          await scheduler.schedule(Promise.resolve());
          await live(one).catch((error: unknown) => {
            if (error !== 'aborted' && !['ERR_TUNIC_TIMEOUT', 'ERR_TUNIC_CLOSED'].includes((error as { code: string }).code)) throw error;
          });
          settled++;
        });
        void scheduler.schedule(Promise.resolve()).then(() => clock.advance(20));
        if (closes) void scheduler.schedule(Promise.resolve()).then(() => lock.close());
        await scheduler.waitFor(Promise.all(all));
        await clock.advance(20);
        expect([settled, readers, writers]).toEqual([users.length, 0, 0]);
        expect([lock.reading, lock.writing, lock.waiting, clock.pendingTimers]).toEqual([0, false, 0, 0]);
      },
    ),
    { numRuns: 300 },
  );
});
