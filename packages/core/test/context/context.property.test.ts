import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContextKey, runWithContext } from '../../src/context/context.ts';

const flow = createContextKey<number>('flow');
const step = createContextKey<number>('step');

it('keeps concurrent flows apart, however their steps interleave', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 5 }), async (scheduler, flows, steps) => {
      const seen: string[] = [];
      const run = async (id: number): Promise<void> => {
        for (let i = 0; i < steps; i++) {
          await scheduler.schedule(Promise.resolve());
          await runWithContext([[step, i]], async () => {
            await scheduler.schedule(Promise.resolve());
            seen.push(`${id}.${i}:${flow.get()}.${step.get()}`);
          });
          expect(step.get()).toBeUndefined();
        }
      };
      const all = Promise.all(Array.from({ length: flows }, (_, id) => runWithContext([[flow, id]], () => run(id))));
      await scheduler.waitFor(all);
      expect(seen).toHaveLength(flows * steps);
      for (const line of seen) {
        const [expected, got] = line.split(':');
        expect(got).toBe(expected);
      }
    }),
  );
});
