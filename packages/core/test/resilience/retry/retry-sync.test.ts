import { describe, expect, it, vi } from 'vitest';
import { TunicError } from '../../../src/errors/tunic-error.ts';
import { constant, linear } from '../../../src/resilience/retry/backoff.ts';
import { retrySync } from '../../../src/resilience/retry/retry-sync.ts';
import { systemClock } from '../../../src/time/clock.ts';

const failing = (...errors: unknown[]) => {
  let calls = 0;
  return vi.fn((attempt: number): string => {
    if (calls < errors.length) throw errors[calls++];
    return `attempt ${attempt}`;
  });
};

describe('retrySync', () => {
  it('calls again until it succeeds and counts all calls as attempts', () => {
    const operation = failing('1', '2');
    expect(retrySync(operation)).toBe('attempt 3');
    expect(operation.mock.calls).toEqual([[1], [2], [3]]);
    expect(retrySync<unknown>(() => undefined)).toBeUndefined();
  });

  it('throws the last error unchanged, and at once what cannot be retried', () => {
    const last = { not: 'an Error' };
    expect(() => retrySync(failing('1', '2', last, '4'))).toThrow(expect.objectContaining(last));
    const fatal = new TunicError('ERR_TUNIC_OPTION', 'fatal');
    const operation = failing(fatal);
    expect(() => retrySync(operation)).toThrow(fatal);
    expect(operation).toHaveBeenCalledOnce();
    expect(() => retrySync(failing('a', undefined), { attempts: 2 })).toThrow();
  });

  it('waits only if it is given a way to, as the backoff and the error say', () => {
    const waits: number[] = [];
    const delays: number[] = [];
    const onRetry = ({ delayMs }: { delayMs: number }): void => void delays.push(delayMs);
    const options = { attempts: 4, backoff: linear({ base: 10 }), onRetry };
    retrySync(failing('1', { retryAfterMs: 500 }, '3'), { ...options, wait: (ms) => void waits.push(ms) });
    expect([waits, delays]).toEqual([[10, 500, 30], [10, 500, 30]]);
    const backoff = vi.fn(constant(10));
    retrySync(failing('1', { retryAfterMs: 500 }), { ...options, backoff });
    expect([delays.slice(3), backoff.mock.calls.length]).toEqual([[0, 0], 0]);
  });

  it('starts no attempt past maxElapsed', () => {
    let now = 0;
    const clock = { ...systemClock, monotonic: () => now };
    const options = { attempts: Infinity, backoff: constant(100), maxElapsed: 250, clock };
    const operation = failing(...Array.from({ length: 9 }, (_, i) => i));
    expect(() => retrySync(operation, { ...options, wait: (ms) => void (now += ms) })).toThrow();
    expect(operation).toHaveBeenCalledTimes(3);
    now = 0;
    const overslept = failing('1', '2');
    expect(() => retrySync(overslept, { ...options, wait: () => void (now += 1000) })).toThrow();
    expect(overslept).toHaveBeenCalledOnce();
  });

  it('repeats on a result and hands each discarded one over, also when a predicate throws', () => {
    const discarded: number[] = [];
    const options = { onDiscard: (value: number) => void discarded.push(value) };
    expect(retrySync((attempt) => attempt, { ...options, retryIf: ({ value }) => value !== 3 })).toBe(3);
    expect(discarded).toEqual([1, 2]);
    const broken = new Error('predicate');
    const retryIf = (): never => {
      throw broken;
    };
    expect(() => retrySync((attempt) => attempt * 10, { ...options, retryIf })).toThrow(broken);
    expect(discarded).toEqual([1, 2, 10]);
  });

  it('throws what wait throws and refuses bad options by name', () => {
    const stop = new Error('stop');
    const wait = (): never => {
      throw stop;
    };
    expect(() => retrySync(failing('1'), { wait })).toThrow(stop);
    expect(() => retrySync(failing(), { wait: 5 as never })).toThrow(/^wait: /);
    expect(() => retrySync(failing(), { attempts: 0 })).toThrow(/^attempts: /);
    expect(() => retrySync(failing('1'), { backoff: () => NaN, wait: () => undefined })).toThrow(/^backoff: /);
  });
});
