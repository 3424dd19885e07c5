import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createContextKey, runWithContext } from '../../src/context/context.ts';
import { TunicError } from '../../src/errors/tunic-error.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { hedge } from '../../src/resilience/hedge.ts';
import type { Run } from '../../src/resilience/run.ts';
import { createVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock.ts';

const caught = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => ({ error }));

/** An operation whose attempts take the given times and end with the given value, or fail if it is an Error. */
function timed(clock: VirtualClock, plan: readonly (readonly [ms: number, end: unknown])[]): { operation: (run: Run) => Promise<unknown>; starts: [number, Run][] } {
  const starts: [number, Run][] = [];
  const operation = async (run: Run): Promise<unknown> => {
    starts.push([clock.monotonic(), run]);
    const [ms, end] = plan[run.attempt - 1] ?? [0, 'unplanned'];
    await clock.sleep(ms);
    if (end instanceof Error) throw end;
    return end;
  };
  return { operation, starts };
}

describe('hedge', () => {
  it('calls once when the answer comes within the delay', async () => {
    const clock = createVirtualClock();
    const { operation, starts } = timed(clock, [[99, 'first']]);
    const result = hedge(operation, { delay: 100, clock });
    await clock.advance(99);
    expect([await result, starts.length, clock.pendingTimers]).toEqual(['first', 1, 0]);
  });

  it('starts one more after each delay, takes the first success, aborts the others and hands their values over', async () => {
    const clock = createVirtualClock();
    const { operation, starts } = timed(clock, [[500, 'a'], [300, 'b'], [50, 'c']]);
    const discarded: unknown[] = [];
    const result = hedge(operation, { delay: 100, attempts: 4, clock, onDiscard: (value) => void discarded.push(value) });
    await clock.advance(120);
    const loser = starts[0]?.[1].signal;
    await clock.advance(130);
    expect(await result).toBe('c');
    expect(starts.map(([at]) => at)).toEqual([0, 100, 200]);
    expect(loser?.aborted).toBe(true);
    // The others read their signal only now.
    expect(starts.map(([, { signal }]) => signal.aborted)).toEqual([true, true, false]);
    expect((loser?.reason as Error).name).toBe('AbortError');
    await clock.advance(1000);
    expect(discarded).toEqual(['b', 'a']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('replaces a failed attempt at once, and gives back the first error when all fail', async () => {
    const clock = createVirtualClock();
    const [one, two, three] = [new Error('1'), new Error('2'), new Error('3')];
    const { operation, starts } = timed(clock, [[150, two], [20, one], [10, three]]);
    const result = caught(hedge(operation, { delay: 100, attempts: 3, clock }));
    await clock.advance(1000);
    expect(starts.map(([at]) => at)).toEqual([0, 100, 120]);
    expect(await result).toEqual({ error: one });
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for a slow success when the last attempt has failed', async () => {
    const clock = createVirtualClock();
    const { operation } = timed(clock, [[500, 'slow'], [1, new Error('quick')]]);
    const result = hedge(operation, { delay: 100, clock });
    await clock.advance(500);
    expect(await result).toBe('slow');
  });

  it('ends with an error that cannot be retried, or with whatever shouldHedge takes for the result', async () => {
    const clock = createVirtualClock();
    const fatal = new TunicError('ERR_TUNIC_OPTION', 'fatal');
    expect(await caught(hedge(() => Promise.reject(fatal), { delay: 100, clock }))).toEqual({ error: fatal });
    const discarded: unknown[] = [];
    const { operation } = timed(clock, [[10, 'poor'], [20, 'poor too'], [10, 'good']]);
    const options = { delay: 100, attempts: 3, clock, onDiscard: (value: unknown) => void discarded.push(value) };
    const result = hedge(operation, { ...options, shouldHedge: ({ value }) => value !== 'good' });
    await clock.advance(50);
    expect([await result, discarded]).toEqual(['good', ['poor too', 'poor']]);
    const none = hedge(timed(clock, [[1, 'x'], [1, 'y'], [1, 'z']]).operation, { ...options, shouldHedge: () => true });
    await clock.advance(50);
    expect([await none, discarded.slice(2)]).toEqual(['x', ['y', 'z']]);
    const broken = new Error('predicate');
    const throwing = (): never => {
      throw broken;
    };
    expect(await caught(hedge(() => 'value', { ...options, shouldHedge: throwing }))).toEqual({ error: broken });
    expect([discarded.at(-1), clock.pendingTimers]).toEqual(['value', 0]);
  });

  it('rejects at once with the reason of the caller in every state and hands late values over', async () => {
    for (const [at, calls] of [[0, 1], [50, 1], [150, 2], [250, 2]] as const) {
      const clock = createVirtualClock();
      const controller = new AbortController();
      const discarded: unknown[] = [];
      const { operation, starts } = timed(clock, [[400, 'a'], [300, 'b']]);
      const result = caught(hedge(operation, { delay: 100, clock, signal: controller.signal, onDiscard: (value) => void discarded.push(value) }));
      await clock.advance(at);
      controller.abort('gone');
      expect(await result).toEqual({ error: 'gone' });
      expect(starts.map(([, { signal }]): unknown => signal.reason)).toEqual(Array(calls).fill('gone'));
      await clock.advance(1000);
      expect([starts.length, discarded.length, clock.pendingTimers]).toEqual([calls, calls, 0]);
    }
    const operation = vi.fn();
    expect(await caught(hedge<unknown>(operation, { delay: 1, signal: AbortSignal.abort('before') }))).toEqual({ error: 'before' });
    expect(operation).not.toHaveBeenCalled();
  });

  it('does not start another when the operation itself makes the caller abort', async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    const operation = vi.fn(({ signal }: Run): Promise<never> => {
      controller.abort('self');
      return Promise.reject(signal.reason as Error);
    });
    expect(await caught(hedge(operation, { delay: 0, attempts: 5, clock, signal: controller.signal }))).toEqual({ error: 'self' });
    await clock.advance(100);
    expect([operation.mock.calls.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('takes errors thrown at once like rejections, and a plain value for the answer', async () => {
    const clock = createVirtualClock();
    const boom = new Error('boom');
    const operation = vi.fn(() => {
      throw boom;
    });
    expect(await caught(hedge(operation, { delay: 100, attempts: 3, clock }))).toEqual({ error: boom });
    expect([operation.mock.calls.length, clock.pendingTimers]).toEqual([3, 0]);
    expect(await hedge(() => 0, { delay: 100, clock })).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('runs every attempt in the context of its caller', async () => {
    const clock = createVirtualClock();
    const key = createContextKey<number>('caller');
    const operation = async ({ attempt }: Run): Promise<unknown> => (attempt < 3 ? clock.sleep(1000) : key.get());
    const results = Array.from({ length: 40 }, (_, id) => runWithContext([[key, id]], () => hedge(operation, { delay: 10, attempts: 3, clock })));
    await clock.advance(20);
    expect(await Promise.all(results)).toEqual(results.map((_, id) => id));
  });

  it('makes no controller unless a signal is read, survives a hook that throws, and leaves nothing behind', async () => {
    const clock = createVirtualClock();
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    const controller = vi.spyOn(globalThis, 'AbortController');
    for (let i = 0; i < 100_000; i++) await hedge(() => i, { delay: '1m', clock, signal });
    expect([clock.pendingTimers, controller.mock.calls.length]).toEqual([0, 0]);
    expect(add.mock.calls.length).toBe(remove.mock.calls.length);
    controller.mockRestore();
    const error = vi.fn();
    const boom = (): never => {
      throw new Error('hook');
    };
    const result = hedge(timed(clock, [[30, 'a'], [5, 'b']]).operation, { delay: 10, clock, onDiscard: boom, logger: { ...silentLogger, error } });
    await clock.advance(100);
    expect([await result, error.mock.calls.length]).toEqual(['b', 1]);
  });

  it('refuses bad options by name', async () => {
    await expect(hedge(() => 1, { delay: -1 })).rejects.toThrow(/^delay: /);
    await expect(hedge(() => 1, { delay: 1, attempts: 0 })).rejects.toThrow(/^attempts: /);
    await expect(hedge(() => 1, { delay: 1, shouldHedge: 1 as never })).rejects.toThrow(/^shouldHedge: /);
    await expect(hedge(() => 1, { delay: 1, onDiscard: 1 as never })).rejects.toThrow(/^onDiscard: /);
  });

  it('starts, wins and loses as a timetable worked out by hand says', async () => {
    const attempt = fc.record({ ms: fc.integer({ min: 1, max: 60 }), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 40 }), async (plan, delay) => {
        const clock = createVirtualClock();
        const discarded: unknown[] = [];
        // Fractions keep any two ends from falling together.
        const times = plan.map(({ ms }, index) => ms + (index + 1) / 64);
        const ends = plan.map(({ fails }, index) => (fails ? new Error(String(index)) : index));
        const { operation, starts } = timed(clock, times.map((ms, index) => [ms, ends[index]]));
        const result = caught(hedge(operation, { delay, attempts: plan.length, clock, onDiscard: (value) => void discarded.push(value) }));
        await clock.advance(1000);

        const begun = [0];
        const endOf = (index: number): number => (begun[index] ?? Infinity) + (times[index] ?? Infinity);
        const won = (): number => Math.min(...begun.map((_, index) => (plan[index]?.fails === true ? Infinity : endOf(index))));
        const used = new Set<number>();
        while (begun.length < plan.length) {
          const failure = begun.map((_, index) => index).filter((index) => plan[index]?.fails === true && !used.has(index)).sort((a, b) => endOf(a) - endOf(b))[0];
          const byFailure = failure === undefined ? Infinity : endOf(failure);
          const next = Math.min((begun.at(-1) ?? 0) + delay, byFailure);
          if (next >= won()) break;
          if (failure !== undefined && byFailure === next) used.add(failure);
          begun.push(next);
        }
        expect(starts.map(([at]) => at)).toEqual(begun);
        const order = begun.map((_, index) => index).sort((a, b) => endOf(a) - endOf(b));
        const winner = order.find((index) => plan[index]?.fails === false);
        expect(await result).toEqual(winner === undefined ? { error: ends[order[0] ?? 0] } : winner);
        expect(discarded).toEqual(order.filter((index) => plan[index]?.fails === false && index !== winner));
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('settles once and accounts for every value, in any order of events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), fc.boolean(), async (scheduler, fates, aborts) => {
        const clock = createVirtualClock();
        const controller = new AbortController();
        const discarded: unknown[] = [];
        const runs: Run[] = [];
        const returned: number[] = [];
        const operation = async (run: Run): Promise<number> => {
          runs.push(run);
          await scheduler.schedule(Promise.resolve());
          if (fates[run.attempt - 1] === false) throw new Error(String(run.attempt));
          returned.push(run.attempt);
          return run.attempt;
        };
        const options = { delay: 10, attempts: fates.length, clock, signal: controller.signal, onDiscard: (value: number) => void discarded.push(value) };
        const result = caught(hedge(operation, options));
        if (aborts) void scheduler.schedule(Promise.resolve()).then(() => controller.abort('gone'));
        for (let i = 0; i < fates.length; i++) void scheduler.schedule(Promise.resolve()).then(() => clock.advance(10));
        await scheduler.waitFor(result);
        await scheduler.waitIdle();
        await clock.advance(1000);
        await scheduler.waitIdle();
        const end = await result;
        const seen = typeof end === 'number' ? [end] : [];
        expect([...discarded, ...seen].sort()).toEqual(returned.sort());
        expect(clock.pendingTimers).toBe(0);
        for (const { attempt, signal } of runs) if (typeof end === 'number' && returned.includes(attempt) && attempt !== end) expect(signal.aborted).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
