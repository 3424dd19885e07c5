import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compose, type Middleware } from '../../src/compose/compose.ts';

type Step = 'next' | 'drop' | 'catch' | 'pause' | 'throw';
interface Program {
  sync: boolean;
  steps: Step[];
}
interface Trace {
  events: string[];
}

const program = fc.record({
  sync: fc.boolean(),
  steps: fc.array(fc.constantFrom<Step>('next', 'drop', 'catch', 'pause', 'throw'), { maxLength: 4 }),
});

async function interpret(steps: readonly Step[], next: () => Promise<unknown>, fail: () => never): Promise<void> {
  for (const step of steps) {
    if (step === 'next') await next();
    else if (step === 'drop') void next().catch(() => undefined);
    else if (step === 'catch') await next().catch(() => undefined);
    else if (step === 'pause') await Promise.resolve();
    else fail();
  }
}

function layerOf({ sync, steps }: Program, index: number): Middleware<Trace, number> {
  const fail = (): never => {
    throw new Error(`layer ${index}`);
  };
  if (sync) {
    return (trace, next) => {
      trace.events.push(`sync ${index}`);
      if (steps.includes('throw')) fail();
      return steps.includes('next') ? next() : index;
    };
  }
  return async (trace, next) => {
    trace.events.push(`in ${index}`);
    await interpret(steps, next, fail);
    trace.events.push(`out ${index}`);
    return index;
  };
}

/** The same programs, run by plain recursion in async functions. */
async function model(programs: readonly Program[], trace: Trace): Promise<number> {
  const faults: Error[] = [];
  const enter = async (index: number): Promise<number> => {
    const layer = programs[index];
    if (layer === undefined) return undefined as unknown as number;
    let calls = 0;
    return layerOf(layer, index)(trace, () => {
      if (++calls === 1) return enter(index + 1);
      const fault = new Error(TWICE);
      faults.push(fault);
      return Promise.reject(fault);
    });
  };
  const value = await enter(0);
  if (faults[0] !== undefined) throw faults[0];
  return value;
}

const TWICE = 'next() called multiple times';

async function outcomeOf(promise: Promise<unknown>): Promise<{ value?: unknown; error?: string }> {
  return await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: (error as Error).message }),
  );
}

it('does what nested async functions do, whatever the layers do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(program, { maxLength: 5 }), async (programs) => {
      // A dropped call overtakes or is overtaken by others turn by turn, so only programs without one share a trace.
      const ordered = programs.every(({ steps }) => !steps.includes('drop'));
      const actual: Trace = { events: [] };
      const expected: Trace = { events: [] };
      const outcome = await outcomeOf(compose(programs.map(layerOf))(actual));
      const modelled = await outcomeOf(model(programs, expected));
      await new Promise((resolve) => setImmediate(resolve));
      if (ordered) {
        expect(outcome).toEqual(modelled);
        expect(actual.events).toEqual(expected.events);
      } else {
        expect(actual.events.toSorted()).toEqual(expected.events.toSorted());
        // A second next() of a layer that nobody waited for may come before or after the end of the call.
        expect([outcome, modelled].map((end) => (end.error === TWICE ? 'refused' : end))).toSatisfy(
          ([end, other]: unknown[]) => end === 'refused' || other === 'refused' || JSON.stringify(end) === JSON.stringify(other),
        );
      }
    }),
    { numRuns: 500 },
  );
});
