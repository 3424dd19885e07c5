import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mapConcurrent } from '../../src/resilience/map-concurrent.ts';

const FAULT = new Error('fault');

it('does what a loop would, never more at once than allowed, in any order of events', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.record({ value: fc.integer(), fails: fc.boolean() }), { maxLength: 12 }),
      fc.record({ concurrency: fc.integer({ min: 1, max: 4 }), settle: fc.boolean(), isAsync: fc.boolean(), aborts: fc.boolean() }),
      async (scheduler, items, { concurrency, settle, isAsync, aborts }) => {
        let [running, pulled, started, closed] = [0, 0, 0, 0];
        function* pull(): Generator<(typeof items)[number]> {
          try {
            for (const item of items) {
              expect(++pulled).toBeLessThanOrEqual(started + 1);
              yield item;
            }
          } finally {
            closed++;
          }
        }
        async function* delayed(): AsyncGenerator<(typeof items)[number]> {
          for (const item of pull()) {
            await scheduler.schedule(Promise.resolve());
            yield item;
          }
        }
        const controller = new AbortController();
        const work = async ({ value, fails }: (typeof items)[number]): Promise<number> => {
          started++;
          expect(++running).toBeLessThanOrEqual(concurrency);
          await scheduler.schedule(Promise.resolve());
          running--;
          if (fails) throw FAULT;
          return value;
        };
        if (aborts) void scheduler.schedule(Promise.resolve()).then(() => controller.abort('aborted'));
        const source = isAsync ? delayed() : pull();
        const options = { concurrency, signal: controller.signal };
        const all: Promise<unknown> = settle ? mapConcurrent(source, work, { ...options, settle }) : mapConcurrent(source, work, options);
        let leftBehind = 0;
        const end = all.then(
          (value) => ({ value }),
          (error: unknown) => ((leftBehind = controller.signal.aborted ? 0 : running), { error }),
        );
        const result = await scheduler.waitFor(end);
        if ('error' in result && result.error === 'aborted') expect(aborts).toBe(true);
        else if (settle) expect(result).toEqual({ value: items.map(({ value, fails }) => (fails ? { error: FAULT } : { value })) });
        else if (items.some(({ fails }) => fails)) expect([result, leftBehind]).toEqual([{ error: FAULT }, 0]);
        else expect(result).toEqual({ value: items.map(({ value }) => value) });
        await scheduler.waitIdle();
        expect([running, pulled === 0 ? 0 : closed]).toEqual([0, pulled === 0 ? 0 : 1]);
      },
    ),
    { numRuns: 400 },
  );
});
