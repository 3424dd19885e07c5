import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Timer } from '../../src/time/clock.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

type Step = { do: 'set'; ms: number } | { do: 'clear'; which: number } | { do: 'advance'; ms: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('set' as const), ms: fc.nat(20) }),
    fc.record({ do: fc.constant('clear' as const), which: fc.nat(30) }),
    fc.record({ do: fc.constant('advance' as const), ms: fc.nat(15) }),
  ),
  { maxLength: 40 },
);

interface Model {
  time: number;
  waiting: { id: number; due: number }[];
  fired: string[];
}

function advanceModel(model: Model, ms: number): void {
  model.time += ms;
  const due = model.waiting.filter((timer) => timer.due <= model.time).sort((a, b) => a.due - b.due || a.id - b.id);
  model.waiting = model.waiting.filter((timer) => timer.due > model.time);
  model.fired.push(...due.map((timer) => `${timer.id}@${timer.due}`));
}

it('fires what a sorted list would, in the same order at the same times', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan: Step[]) => {
      const clock = createVirtualClock();
      const model: Model = { time: 0, waiting: [], fired: [] };
      const fired: string[] = [];
      const timers: Timer[] = [];
      for (const step of plan) {
        if (step.do === 'set') {
          const id = timers.length;
          timers.push(clock.setTimeout(() => void fired.push(`${id}@${clock.monotonic()}`), step.ms));
          model.waiting.push({ id, due: model.time + step.ms });
        } else if (step.do === 'advance') {
          await clock.advance(step.ms);
          advanceModel(model, step.ms);
        } else {
          const timer = timers[step.which];
          if (timer !== undefined) clock.clearTimeout(timer);
          model.waiting = model.waiting.filter(({ id }) => id !== step.which);
        }
        expect(fired).toEqual(model.fired);
        expect(clock.pendingTimers).toBe(model.waiting.length);
      }
    }),
  );
});
