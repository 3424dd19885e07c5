import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryCacheStore } from '../../../src/limits/cache/memory-cache-store.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('get' as const), key: keys }),
    fc.record({ type: fc.constant('set' as const), key: keys, ttlMs: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ type: fc.constant('delete' as const), key: keys }),
    fc.record({ type: fc.constant('pass' as const), ms: fc.nat(20) }),
  ),
  { maxLength: 80 },
);

it('holds, as the naive model does, what was used last, and no more than maxEntries', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), steps, async (maxEntries, plan) => {
      const clock = createVirtualClock();
      const store = createMemoryCacheStore({ clock, maxEntries });
      let model: { key: string; value: string; endsAt: number }[] = [];
      let count = 0;
      for (const step of plan) {
        const now = clock.monotonic();
        if (step.type === 'pass') await clock.advance(step.ms);
        else if (step.type === 'set') {
          const value = `v${++count}`;
          await store.set(step.key, value, { ttlMs: step.ttlMs, staleMs: 0 });
          model = [...model.filter(({ key }) => key !== step.key), { key: step.key, value, endsAt: now + step.ttlMs }].slice(-maxEntries);
        } else {
          const found = model.find(({ key }) => key === step.key);
          const alive = found !== undefined && found.endsAt > now;
          model = model.filter((entry) => entry !== found);
          if (alive && step.type === 'get') model.push(found);
          if (step.type === 'get') expect((await store.get(step.key))?.value).toBe(alive ? found.value : undefined);
          else expect(await store.delete(step.key)).toBe(alive);
        }
      }
      for (const { key, value, endsAt } of model) expect((await store.get(key))?.value).toBe(endsAt > clock.monotonic() ? value : undefined);
    }),
    { numRuns: 300 },
  );
});

it('refuses bad options', () => {
  for (const maxEntries of [0, 1.5, NaN]) expect(() => createMemoryCacheStore({ maxEntries })).toThrow(/^maxEntries:/);
});
