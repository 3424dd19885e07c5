import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { constant } from '../../../src/resilience/retry/backoff.ts';
import { retry, retryLayer, withRetry } from '../../../src/resilience/retry/retry.ts';
import { createRetryBudget } from '../../../src/resilience/retry/retry-budget.ts';
import { retrySync } from '../../../src/resilience/retry/retry-sync.ts';
import { compose } from '../../../src/compose/compose.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const boom = new Error('boom');
const failing = () =>
  vi.fn((): never => {
    throw boom;
  });

describe('retry budget', () => {
  it('holds its tokens at the start, gives one for each retry and gets a share back with each call', () => {
    const budget = createRetryBudget({ tokens: 2, ratio: 0.1 });
    expect([1, 2, 3].map(() => budget.tryWithdraw())).toEqual([true, true, false]);
    for (let i = 0; i < 9; i++) budget.deposit();
    expect(budget.tryWithdraw()).toBe(false);
    budget.deposit();
    expect([budget.tryWithdraw(), budget.tryWithdraw()]).toEqual([true, false]);
    for (let i = 0; i < 1000; i++) budget.deposit();
    expect(budget.tokens).toBe(2);
  });

  it('gets tokens with time, if told to, without a timer', async () => {
    const clock = createVirtualClock();
    const budget = createRetryBudget({ tokens: 3, ratio: 0, perSecond: 2, clock });
    while (budget.tryWithdraw());
    await clock.advance(499);
    expect(budget.tryWithdraw()).toBe(false);
    await clock.advance(1);
    expect([budget.tryWithdraw(), budget.tryWithdraw(), clock.pendingTimers]).toEqual([true, false, 0]);
    await clock.advance('1h');
    expect(budget.tokens).toBe(3);
  });

  it('loses nothing of a slow refill to a busy caller', async () => {
    const clock = createVirtualClock();
    const budget = createRetryBudget({ tokens: 1, ratio: 0, perSecond: 0.001, clock });
    budget.tryWithdraw();
    for (let i = 0; i < 2000; i++) {
      await clock.advance(i % 2 === 0 ? 0.001 : 499.999);
      budget.deposit();
    }
    await clock.advance('500s');
    expect(budget.tryWithdraw()).toBe(true);
  });

  it('is shared: when something is down, all calls together make their share of retries, not each its own', async () => {
    const clock = createVirtualClock();
    const budget = createRetryBudget({ tokens: 10, ratio: 0.1 });
    const operation = failing();
    const results = Array.from({ length: 1000 }, () => retry(operation, { attempts: 5, budget, clock, backoff: constant(1) }).catch((error: unknown) => error));
    await clock.advance(100);
    expect(new Set(await Promise.all(results))).toEqual(new Set([boom]));
    expect(operation.mock.calls.length).toBeGreaterThan(1000);
    expect(operation.mock.calls.length).toBeLessThanOrEqual(1000 + 10 + 100);
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps its tokens for retries that are made', async () => {
    const clock = createVirtualClock();
    const budget = createRetryBudget({ tokens: 1, ratio: 0 });
    const onRetry = vi.fn();
    const options = { clock, budget, backoff: constant(100), onRetry };
    expect(await retry(() => 'ok', options)).toBe('ok');
    await expect(retry(failing(), { ...options, attempts: 1 })).rejects.toBe(boom);
    await expect(retry(failing(), { ...options, retryIf: () => false })).rejects.toBe(boom);
    await expect(retry(failing(), { ...options, maxElapsed: 50 })).rejects.toBe(boom);
    await expect(retry(failing(), { ...options, signal: AbortSignal.abort('off') })).rejects.toBe('off');
    expect([budget.tokens, onRetry.mock.calls.length]).toEqual([1, 0]);
    const last = retry(failing(), options).catch((error: unknown) => error);
    await clock.advance(1000);
    expect([await last, budget.tokens, onRetry.mock.calls.length]).toEqual([boom, 0, 1]);
    const value = await retry(() => 'unsure', { ...options, retryIf: () => true });
    expect([value, onRetry.mock.calls.length]).toEqual(['unsure', 1]);
  });

  it('is paid into by each call once, before its first attempt', async () => {
    const budget = createRetryBudget({ tokens: 2, ratio: 0.5 });
    const options = { budget, attempts: 3, backoff: constant(0) };
    while (budget.tryWithdraw());
    expect(await retry(() => budget.tokens, options)).toBe(0.5);
    await expect(retry(() => Promise.reject(boom), options)).rejects.toBe(boom);
    expect(budget.tokens).toBe(0);
    expect(retrySync(() => budget.tokens, options)).toBe(0.5);
  });

  it('serves withRetry, retryLayer and retrySync too', async () => {
    const budget = createRetryBudget({ tokens: 3, ratio: 0 });
    const options = { budget, attempts: 2, backoff: constant(0) };
    await expect(withRetry(failing(), options)()).rejects.toBe(boom);
    await expect(compose([retryLayer(options), failing()])({})).rejects.toBe(boom);
    expect(() => retrySync(failing(), options)).toThrow(boom);
    expect(budget.tokens).toBe(0);
    const operation = failing();
    expect(() => retrySync(operation, options)).toThrow(boom);
    expect(operation).toHaveBeenCalledOnce();
  });

  it('refuses bad options by name', async () => {
    for (const tokens of [0, 1.5, Infinity]) expect(() => createRetryBudget({ tokens })).toThrow(/^tokens: /);
    for (const ratio of [-0.1, 1.1, NaN]) expect(() => createRetryBudget({ ratio })).toThrow(/^ratio: /);
    for (const perSecond of [-1, NaN, Infinity]) expect(() => createRetryBudget({ perSecond })).toThrow(/^perSecond: /);
    await expect(retry(() => 1, { budget: {} as never })).rejects.toThrow(/^budget/);
  });

  it('never gives more than it held, plus its share of the calls, plus what time brought', () => {
    const step = fc.oneof(fc.constant('call' as const), fc.constant('retry' as const), fc.integer({ min: 0, max: 3000 }));
    fc.assert(
      fc.property(fc.array(step, { size: 'max', maxLength: 200 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 4 }), (steps, capacity, tenths, perSecond) => {
        let nowMs = 0;
        const clock = { ...systemClock, monotonic: () => nowMs };
        const budget = createRetryBudget({ tokens: capacity, ratio: tenths / 10, perSecond, clock });
        // In whole ten-thousandths, which do not round.
        let model = capacity * 10_000;
        const add = (units: number): void => void (model = Math.min(capacity * 10_000, model + units));
        for (const one of steps) {
          if (typeof one === 'number') {
            nowMs += one;
            add(one * perSecond * 10);
          } else if (one === 'call') {
            budget.deposit();
            add(tenths * 1000);
          } else {
            const allowed = model >= 10_000;
            expect(budget.tryWithdraw()).toBe(allowed);
            if (allowed) model -= 10_000;
          }
          expect(budget.tokens).toBeCloseTo(model / 10_000, 6);
        }
      }),
      { numRuns: 500 },
    );
  });
});
