import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCache } from '../../../src/limits/cache/cache.ts';
import type { CacheStore } from '../../../src/limits/cache/cache-store.ts';
import { createMemoryCacheStore } from '../../../src/limits/cache/memory-cache-store.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

/** Every request takes effect when the scheduler likes, in the order in which they were sent, as over one connection. */
function scheduled(store: CacheStore, scheduler: fc.Scheduler): CacheStore {
  let last: Promise<unknown> = Promise.resolve();
  const slow = <T>(call: () => Promise<T>): Promise<T> => {
    const turn = last.then(() => scheduler.schedule(Promise.resolve())).then(call);
    last = turn;
    return turn;
  };
  return {
    get: (key) => slow(() => store.get(key)),
    set: (...args) => slow(() => store.set(...args)),
    delete: (key) => slow(() => store.delete(key)),
    clear: (pattern) => slow(() => store.clear(pattern)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const plans = fc.array(
  fc.record({ type: fc.constantFrom('wrap' as const, 'wrap' as const, 'change' as const), after: fc.nat(6), fails: fc.boolean(), abortAfter: fc.option(fc.nat(8), { nil: undefined }) }),
  { minLength: 1, maxLength: 10 },
);

it('never keeps a value that is older than the last change, whatever overlaps, fails or aborts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), plans, async (scheduler, plan) => {
      const clock = createVirtualClock();
      const cache = createCache({ ttl: '1h', store: scheduled(createMemoryCacheStore({ clock }), scheduler), clock });
      let truth = 0;
      const steps = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) await scheduler.schedule(Promise.resolve());
      };
      const read = async (fails: boolean): Promise<number> => {
        const seen = truth;
        await steps(2);
        if (fails) throw new Error('fails');
        return seen;
      };
      const outcomes = plan.map(async ({ type, after, fails, abortAfter }) => {
        await steps(after);
        if (type === 'change') {
          truth++;
          await cache.delete('k');
          return;
        }
        const controller = new AbortController();
        if (abortAfter !== undefined) void steps(abortAfter).then(() => controller.abort('gone'));
        await cache.wrap('k', () => read(fails), { signal: controller.signal }).catch((error: unknown) => {
          if (error !== 'gone' && (error as Error).message !== 'fails') throw error;
        });
      });
      await scheduler.waitIdle();
      await Promise.all(outcomes);
      await scheduler.waitIdle();
      const kept = cache.get('k');
      await scheduler.waitIdle();
      expect([truth, undefined]).toContain(await kept);
    }),
    { numRuns: 300 },
  );
});
