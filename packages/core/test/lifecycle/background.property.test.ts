import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBackground } from '../../src/lifecycle/background.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const jobs = fc.array(fc.record({ priority: fc.integer({ min: -2, max: 2 }), fails: fc.boolean(), abort: fc.boolean() }), { maxLength: 12 });

it('starts every job once, in order of priority and arrival, unless it was aborted, and reports every failure', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), jobs, fc.integer({ min: 1, max: 3 }), async (scheduler, plan, concurrency) => {
      const started: number[] = [];
      const failed: unknown[] = [];
      let running = 0;
      const background = createBackground({ concurrency, clock: createVirtualClock(), onError: (error) => void failed.push(error) });
      const controllers = plan.map(({ priority, fails }, id) => {
        const controller = new AbortController();
        background.schedule({ priority, signal: controller.signal }, async () => {
          expect(++running).toBeLessThanOrEqual(concurrency);
          started.push(id);
          await scheduler.schedule(Promise.resolve());
          running--;
          if (fails) throw id;
        });
        return controller;
      });
      for (const [id, { abort }] of plan.entries()) if (abort) controllers[id]?.abort();
      const drained = background.drain();
      await scheduler.waitFor(drained);

      // The first ones found a free place when they came; the others queued by priority.
      const ids = plan.map((_, id) => id);
      const queued = ids.slice(concurrency).sort((a, b) => (plan[a]?.priority ?? 0) - (plan[b]?.priority ?? 0) || a - b);
      const expected = [...ids.slice(0, concurrency), ...queued].filter((id) => plan[id]?.abort === false);
      expect(started).toEqual(expected);
      expect(failed.sort()).toEqual(expected.filter((id) => plan[id]?.fails === true).sort());
      expect([background.size, background.running]).toEqual([0, 0]);
    }),
  );
});

it('accounts for every job when it is closed in the middle: run, failed, or reported as dropped', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), jobs, fc.nat(10), fc.boolean(), async (scheduler, plan, steps, patient) => {
      const clock = createVirtualClock();
      const ran: number[] = [];
      const reported: unknown[] = [];
      const background = createBackground({ concurrency: 2, clock, onError: (_, { args }) => void reported.push(args[0]) });
      for (const [index, { priority, fails }] of plan.entries()) {
        const job = async (id: number): Promise<void> => {
          await scheduler.schedule(Promise.resolve());
          if (fails) throw new Error('fails');
          ran.push(id);
        };
        background.schedule({ priority }, job, index);
      }
      for (let i = 0; i < steps && scheduler.count() > 0; i++) await scheduler.waitNext(1);
      const closing = background.close(patient ? { grace: '10s' } : { grace: 0, abortGrace: '1s' });
      await scheduler.waitIdle();
      const [report] = await Promise.all([closing, clock.advance('11s')]);
      await scheduler.waitIdle();
      if (patient) expect(report.dropped).toBe(0);
      expect(report.abandoned).toBe(0);
      expect([...ran, ...reported].sort()).toEqual(plan.map((_, id) => id).sort());
      expect(clock.pendingTimers).toBe(0);
    }),
  );
});
