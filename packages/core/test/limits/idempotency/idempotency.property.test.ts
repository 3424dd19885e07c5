import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createIdempotency } from '../../../src/limits/idempotency/idempotency.ts';
import type { IdempotencyStore } from '../../../src/limits/idempotency/idempotency-store.ts';
import { createMemoryIdempotencyStore } from '../../../src/limits/idempotency/memory-idempotency-store.ts';
import { createSeededRandom } from '../../../src/testing/seeded-random.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

/** Every request and every reply takes as long as the scheduler likes. */
function scheduled(store: IdempotencyStore, scheduler: fc.Scheduler): IdempotencyStore {
  const slow = async <T>(call: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve());
    const reply = await call();
    await scheduler.schedule(Promise.resolve());
    return reply;
  };
  return {
    begin: (key, request) => slow(() => store.begin(key, request)),
    renew: (key, fence, leaseMs) => slow(() => store.renew(key, fence, leaseMs)),
    complete: (key, fence, value, ttlMs) => slow(() => store.complete(key, fence, value, ttlMs)),
    release: (key, fence) => slow(() => store.release(key, fence)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const calls = fc.array(fc.record({ object: fc.nat(2), fails: fc.boolean(), abortAfter: fc.option(fc.nat(12), { nil: undefined }) }), { minLength: 1, maxLength: 8 });

it('runs once at a time and succeeds once, whatever fails, aborts or overlaps, and leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), calls, fc.nat(), async (scheduler, plan, seed) => {
      const clock = createVirtualClock();
      const store = scheduled(createMemoryIdempotencyStore({ clock }), scheduler);
      const random = createSeededRandom(seed);
      const objects = [0, 1, 2].map(() => createIdempotency({ store, clock, random }));
      let running = 0;
      let overlaps = 0;
      const successes: number[] = [];
      const outcomes = plan.map(async ({ object, fails, abortAfter }, id) => {
        const controller = new AbortController();
        const fn = async (): Promise<number> => {
          if (++running > 1) overlaps++;
          await scheduler.schedule(Promise.resolve());
          running--;
          if (fails) throw new Error(`fails ${id}`);
          successes.push(id);
          return id;
        };
        if (abortAfter !== undefined) void abortLater(scheduler, abortAfter, () => controller.abort(`aborted ${id}`));
        try {
          const result = await objects[object]?.run('k', fn, { signal: controller.signal });
          return `value ${result?.value ?? 'none'}`;
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        }
      });
      const progress = { finished: false };
      const all = Promise.all(outcomes).finally(() => void (progress.finished = true));
      while (!progress.finished) {
        await scheduler.waitIdle();
        await clock.advance(600);
      }
      const seen = await all;
      // An aborted owner's run may still be on its way to its end.
      await scheduler.waitIdle();
      await clock.advance(600);
      await scheduler.waitIdle();

      expect(overlaps).toBe(0);
      expect(successes.length).toBeLessThanOrEqual(1);
      const possible = (id: number): string[] => [`value ${successes[0] ?? 'none'}`, `fails ${id}`, `aborted ${id}`];
      for (const [id, outcome] of seen.entries()) expect(possible(id)).toContain(outcome);
      expect([running, clock.pendingTimers]).toEqual([0, 0]);
    }),
    { numRuns: 200 },
  );
});

async function abortLater(scheduler: fc.Scheduler, steps: number, abort: () => void): Promise<void> {
  for (let i = 0; i < steps; i++) await scheduler.schedule(Promise.resolve());
  abort();
}
