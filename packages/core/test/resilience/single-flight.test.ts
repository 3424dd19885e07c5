import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Run } from '../../src/resilience/run.ts';
import { createSingleFlight } from '../../src/resilience/single-flight.ts';

/** An operation that ends when it is told to, and keeps the runs it was called with. */
function controlled(): { operation: (run: Run) => Promise<string>; runs: Run[]; end: (value: string) => void; fail: (error: unknown) => void } {
  const runs: Run[] = [];
  const ends: [(value: string) => void, (error: unknown) => void][] = [];
  return {
    runs,
    operation: (run) => (runs.push(run), new Promise((...end) => void ends.push(end))),
    end: (value) => ends.shift()?.[0](value),
    fail: (error) => ends.shift()?.[1](error),
  };
}
const caught = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => ({ error }));

describe('single flight', () => {
  it('calls once for one key, whoever asks meanwhile, and anew after the end', async () => {
    const flights = createSingleFlight();
    const { operation, runs, end } = controlled();
    const all = Array.from({ length: 5 }, () => flights.run('key', operation));
    const other = flights.run('other', () => 'at once');
    expect([runs.length, flights.size]).toEqual([1, 2]);
    end('value');
    expect(await Promise.all(all)).toEqual(Array(5).fill('value'));
    expect(await other).toBe('at once');
    expect(flights.size).toBe(0);
    const again = flights.run('key', operation);
    end('new');
    expect([await again, runs.length]).toEqual(['new', 2]);
  });

  it('lets a failure reach everyone and keeps none', async () => {
    const flights = createSingleFlight();
    const { operation, fail } = controlled();
    const boom = new Error('boom');
    const all = [caught(flights.run(1, operation)), caught(flights.run(1, operation, { signal: new AbortController().signal }))];
    fail(boom);
    expect(await Promise.all(all)).toEqual([{ error: boom }, { error: boom }]);
    const throwing = (): never => {
      throw boom;
    };
    await expect(flights.run(1, throwing)).rejects.toBe(boom);
    expect(await flights.run(1, () => 'ok')).toBe('ok');
  });

  it('does not let the abort of the first caller cancel the others', async () => {
    const flights = createSingleFlight();
    const { operation, runs, end } = controlled();
    const controller = new AbortController();
    const first = caught(flights.run('key', operation, { signal: controller.signal }));
    const [second, third] = [flights.run('key', operation), flights.run('key', operation, { signal: new AbortController().signal })];
    const { signal } = runs[0] as Run;
    controller.abort('gone');
    expect(await first).toEqual({ error: 'gone' });
    expect([signal.aborted, flights.size]).toEqual([false, 1]);
    end('value');
    expect([await second, await third, runs.length]).toEqual(['value', 'value', 1]);
  });

  it('aborts the operation with the last reason when all have left, and starts anew for the next', async () => {
    const flights = createSingleFlight();
    const { operation, runs, end, fail } = controlled();
    const [one, two] = [new AbortController(), new AbortController()];
    const left = [caught(flights.run('key', operation, { signal: one.signal })), caught(flights.run('key', operation, { signal: two.signal }))];
    one.abort('first');
    two.abort('last');
    expect(await Promise.all(left)).toEqual([{ error: 'first' }, { error: 'last' }]);
    expect([runs[0]?.signal.reason, flights.size]).toEqual(['last', 0]);
    const next = flights.run('key', operation);
    expect(runs.length).toBe(2);
    fail(new Error('the abandoned one fails unheard'));
    end('new');
    expect(await next).toBe('new');
    expect(runs[1]?.signal.aborted).toBe(false);
  });

  it('keeps the new run when the abandoned one ends late', async () => {
    const flights = createSingleFlight();
    const { operation, runs, end } = controlled();
    const controller = new AbortController();
    const left = caught(flights.run('key', operation, { signal: controller.signal }));
    controller.abort('gone');
    const next = flights.run('key', operation);
    end('old');
    await left;
    const joined = flights.run('key', operation);
    expect([runs.length, flights.size]).toEqual([2, 1]);
    end('new');
    expect([await next, await joined]).toEqual(['new', 'new']);
  });

  it('aborts nothing when the operation has ended already, and never starts for a caller that is aborted before', async () => {
    const flights = createSingleFlight();
    const { operation, runs, end } = controlled();
    const controller = new AbortController();
    const result = flights.run('key', operation, { signal: controller.signal });
    end('value');
    await result;
    controller.abort('late');
    expect(runs[0]?.signal.aborted).toBe(false);
    await expect(flights.run('key', operation, { signal: controller.signal })).rejects.toBe('late');
    expect([runs.length, flights.size]).toEqual([1, 0]);
  });

  it('does not abort a run that has ended while its callers have yet to hear of it', async () => {
    const seen = new Set<string>();
    for (let ticks = 0; ticks < 12; ticks++) {
      const flights = createSingleFlight();
      const { operation, runs, end } = controlled();
      const controller = new AbortController();
      const result = caught(flights.run('key', operation, { signal: controller.signal }));
      end('value');
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      const hasEnded = flights.size === 0;
      controller.abort('gone');
      expect(runs[0]?.signal.aborted).toBe(!hasEnded);
      seen.add(`${hasEnded}: ${JSON.stringify(await result)}`);
    }
    expect([...seen]).toEqual(['false: {"error":"gone"}', 'true: {"error":"gone"}', 'true: "value"']);
  });

  it('lets a caller go at once whose own operation makes it abort, and counts it before the operation runs', async () => {
    const flights = createSingleFlight();
    const [own, joiner] = [new AbortController(), new AbortController()];
    let run: Run | undefined;
    const never = new Promise<string>(() => undefined);
    const left = caught(flights.run('key', (its) => ((run = its), own.abort('self'), never), { signal: own.signal }));
    expect([await left, run?.signal.reason, flights.size]).toEqual([{ error: 'self' }, 'self', 0]);
    const stays = flights.run('key', async (its) => {
      run = its;
      const joined = caught(flights.run('key', () => 'never', { signal: joiner.signal }));
      joiner.abort('joiner');
      return joined;
    });
    expect([await stays, run?.signal.aborted]).toEqual([{ error: 'joiner' }, false]);
  });

  it('finds itself when an operation asks for its own key', async () => {
    const flights = createSingleFlight();
    let sizes: number[] = [];
    let inner: Promise<unknown> | undefined;
    const outer = flights.run('key', () => {
      sizes = [flights.size];
      inner = flights.run('key', () => 'never called');
      return 'outer';
    });
    expect([await outer, await inner, sizes]).toEqual(['outer', 'outer', [1]]);
  });

  it('compares keys as a Map does', async () => {
    const flights = createSingleFlight();
    const operation = vi.fn(() => Promise.resolve('x'));
    await Promise.all([Number.NaN, Number.NaN, 0, -0, '0', {}, {}, undefined].map((key) => flights.run(key, operation)));
    expect(operation).toHaveBeenCalledTimes(6);
  });

  it('makes no controller or listener that nobody needs, and leaves none behind', async () => {
    const flights = createSingleFlight();
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    const controller = vi.spyOn(globalThis, 'AbortController');
    for (let i = 0; i < 100_000; i++) await flights.run(i % 7, () => i, { signal });
    expect([flights.size, controller.mock.calls.length]).toEqual([0, 0]);
    expect(add.mock.calls.length).toBe(remove.mock.calls.length);
    controller.mockRestore();
  });

  it('has one run per key that people wait for, and settles everyone as their run does, in any order of events', async () => {
    const caller = fc.record({ key: fc.integer({ min: 0, max: 1 }), aborts: fc.boolean(), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(caller, { minLength: 1, maxLength: 10 }), async (scheduler, callers) => {
        const flights = createSingleFlight();
        const live = [new Set<Run>(), new Set<Run>()] as const;
        let [calls, waiting] = [0, 0];
        const operation = (key: 0 | 1, fails: boolean) => async (run: Run): Promise<string> => {
          const id = ++calls;
          for (const other of live[key]) expect(other.signal.aborted).toBe(true);
          live[key].add(run);
          await scheduler.schedule(Promise.resolve());
          live[key].delete(run);
          if (fails) throw new Error(`failed ${id}`);
          return `done ${id}`;
        };
        const all = callers.map(async ({ key, aborts, fails }) => {
          await scheduler.schedule(Promise.resolve());
          const controller = new AbortController();
          if (aborts) void scheduler.schedule(Promise.resolve()).then(() => controller.abort('aborted'));
          waiting++;
          const options = aborts ? { signal: controller.signal } : {};
          const outcome = await flights.run(key, operation(key as 0 | 1, fails), options).catch((error: unknown) => error);
          waiting--;
          if (outcome !== 'aborted') expect(String(outcome)).toMatch(/^(done|Error: failed) \d+$/);
          else expect(aborts).toBe(true);
        });
        await scheduler.waitFor(Promise.all(all));
        expect([waiting, flights.size]).toEqual([0, 0]);
        expect(calls).toBeLessThanOrEqual(callers.length);
      }),
      { numRuns: 400 },
    );
  });
});
