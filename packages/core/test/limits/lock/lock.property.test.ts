import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLock } from '../../../src/limits/lock/lock.ts';
import type { LockStore } from '../../../src/limits/lock/lock-store.ts';
import { createMemoryLockStore } from '../../../src/limits/lock/memory-lock-store.ts';
import { createSeededRandom } from '../../../src/testing/seeded-random.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

/** Every request and every reply takes as long as the scheduler likes. */
function scheduled(store: LockStore, scheduler: fc.Scheduler): LockStore {
  const slow = async <T>(call: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve());
    const reply = await call();
    await scheduler.schedule(Promise.resolve());
    return reply;
  };
  return {
    acquire: (...args) => slow(() => store.acquire(...args)),
    renew: (...args) => slow(() => store.renew(...args)),
    release: (...args) => slow(() => store.release(...args)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const plans = fc.array(
  fc.record({ object: fc.nat(2), tries: fc.boolean(), fails: fc.boolean(), wait: fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined }), abortAfter: fc.option(fc.nat(12), { nil: undefined }) }),
  { minLength: 1, maxLength: 8 },
);

it('lets one at a time in with a fence that grows, whatever fails, aborts or overlaps, and leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), plans, fc.nat(), async (scheduler, plan, seed) => {
      const clock = createVirtualClock();
      const memory = createMemoryLockStore({ clock });
      const random = createSeededRandom(seed);
      const locks = [0, 1, 2].map(() => createLock({ store: scheduled(memory, scheduler), clock, random }));
      const fences: number[] = [];
      let inside = 0;
      let overlaps = 0;
      const steps = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) await scheduler.schedule(Promise.resolve());
      };
      const outcomes = plan.map(async ({ object, tries, fails, wait, abortAfter }) => {
        const controller = new AbortController();
        if (abortAfter !== undefined) void steps(abortAfter).then(() => controller.abort('gone'));
        const lock = locks[object] ?? createLock();
        const options = { signal: controller.signal, ttl: '1h' as const };
        try {
          const held = tries ? await lock.tryAcquire('k', options) : await lock.acquire('k', wait === undefined ? options : { ...options, wait });
          if (held === undefined) return 'taken';
          if (++inside > 1) overlaps++;
          fences.push(held.fence);
          await steps(2);
          inside--;
          await held.release();
          return fails ? 'failed' : 'done';
        } catch (error) {
          return error === 'gone' ? 'gone' : (error as { code?: string }).code;
        }
      });
      const progress = { finished: false };
      const all = Promise.all(outcomes).finally(() => void (progress.finished = true));
      while (!progress.finished) {
        await scheduler.waitIdle();
        await clock.advance(600);
      }
      for (const outcome of await all) expect(['taken', 'failed', 'done', 'gone', 'ERR_TUNIC_TIMEOUT']).toContain(outcome);
      // One who has gone may still be releasing what came too late.
      await scheduler.waitIdle();
      await clock.advance(600);
      await scheduler.waitIdle();
      expect([overlaps, fences]).toEqual([0, [...new Set(fences)].sort((a, b) => a - b)]);
      expect([clock.pendingTimers, (await memory.acquire('k', 'next', 1)).acquired]).toEqual([0, true]);
    }),
    { numRuns: 200 },
  );
});
