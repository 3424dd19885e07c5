import { describe, expect, it, vi } from 'vitest';
import { compose } from '../../../src/compose/compose.ts';
import { TunicError } from '../../../src/errors/tunic-error.ts';
import { constant } from '../../../src/resilience/retry/backoff.ts';
import { retry, retryLayer, withRetry } from '../../../src/resilience/retry/retry.ts';
import type { RetryEvent, RetryOptions } from '../../../src/resilience/retry/retry-options.ts';
import type { Run } from '../../../src/resilience/run.ts';
import { timeoutLayer } from '../../../src/resilience/timeout/timeout.ts';
import { createVirtualClock, type VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { silentLogger } from '../../../src/logging/logger.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const failing = (...errors: unknown[]) => {
  let calls = 0;
  return (): string => {
    if (calls < errors.length) throw errors[calls++];
    return 'done';
  };
};
/** Keeps an early rejection from counting as unhandled. */
const held = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};
function setUp(): { clock: VirtualClock; events: RetryEvent<unknown>[]; options: RetryOptions<unknown> } {
  const clock = createVirtualClock();
  const events: RetryEvent<unknown>[] = [];
  return { clock, events, options: { clock, backoff: constant(100), onRetry: (event) => void events.push(event) } };
}

describe('retry', () => {
  it('calls again until it succeeds and counts all calls as attempts', async () => {
    const { clock, events, options } = setUp();
    const [first, second] = [new Error('1'), 'not an Error'];
    const attempts: number[] = [];
    const operation = failing(first, second);
    const result = retry((run) => (attempts.push(run.attempt), operation()), options);
    await clock.advance(200);
    expect(await result).toBe('done');
    expect(attempts).toEqual([1, 2, 3]);
    expect(events).toEqual([
      { outcome: { error: first }, attempt: 1, delayMs: 100 },
      { outcome: { error: second }, attempt: 2, delayMs: 100 },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('throws the last error unchanged, also a TypeError or no Error at all', async () => {
    const { clock, options } = setUp();
    for (const last of [new TypeError('x'), 'text', undefined]) {
      const operation = vi.fn(failing(new TypeError('a'), new TypeError('b'), last, 'too many'));
      const result = held(retry(operation, options));
      await clock.advance(200);
      await expect(result).rejects.toBe(last);
      expect(operation).toHaveBeenCalledTimes(3);
    }
  });

  it('does not repeat a TunicError that cannot be retried, but one that can', async () => {
    const { clock, options } = setUp();
    const fatal = new TunicError('ERR_TUNIC_OPTION', 'fatal');
    await expect(retry(failing(fatal), options)).rejects.toBe(fatal);
    const result = retry(failing(new TunicError('ERR_TUNIC_TIMEOUT', 'late', { retryable: true })), options);
    await clock.advance(100);
    expect(await result).toBe('done');
  });

  it('repeats on a result, hands each discarded one over and returns the last', async () => {
    const { clock } = setUp();
    const discarded: number[] = [];
    let calls = 0;
    const result = retry<number>(() => ++calls, {
      clock,
      backoff: constant(1),
      onDiscard: (value) => void discarded.push(value),
      retryIf: (outcome, attempt) => outcome.value === attempt,
    });
    await clock.advance(10);
    expect(await result).toBe(3);
    expect(discarded).toEqual([1, 2]);
  });

  it('lets retryAfterMs stretch a wait beyond the backoff and ignores a senseless one', async () => {
    const { clock, events, options } = setUp();
    const result = retry(failing({ retryAfterMs: 5000 }, { retryAfterMs: NaN }, { retryAfterMs: '9' }), { ...options, attempts: 4 });
    await clock.advance(6000);
    expect(await result).toBe('done');
    expect(events.map(({ delayMs }) => delayMs)).toEqual([5000, 100, 100]);
  });

  it('ends a wait at once when the caller aborts, with the very reason', async () => {
    const { clock, options } = setUp();
    const controller = new AbortController();
    const reason = { why: 'caller' };
    const result = held(retry(failing(new Error('task')), { ...options, signal: controller.signal }));
    await clock.advance(50);
    controller.abort(reason);
    await expect(result).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not start at all when aborted before, and does not repeat an abort reason', async () => {
    const { options } = setUp();
    const reason = new Error('gone');
    const operation = vi.fn(() => {
      throw reason;
    });
    await expect(retry(operation, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(operation).not.toHaveBeenCalled();
    const controller = new AbortController();
    const rejecting = retry(
      ({ signal }) => {
        controller.abort(reason);
        signal.throwIfAborted();
      },
      { ...options, signal: controller.signal },
    );
    await expect(rejecting).rejects.toBe(reason);
  });

  it('returns a successful result although the signal aborted meanwhile', async () => {
    const controller = new AbortController();
    const operation = (): string => (controller.abort(), 'kept');
    expect(await retry(operation, { signal: controller.signal })).toBe('kept');
    expect(await retry(operation, { signal: new AbortController().signal, attemptTimeout: 10 })).toBe('kept');
  });

  it('gives the value up for discard when an abort ends the wait after it', async () => {
    const { clock } = setUp();
    const controller = new AbortController();
    const discarded: unknown[] = [];
    const options = { clock, backoff: constant(100), retryIf: () => true, onDiscard: (value: unknown) => void discarded.push(value) };
    const result = held(retry(() => 'unsure', { ...options, signal: controller.signal }));
    await clock.advance(10);
    controller.abort('stop');
    await expect(result).rejects.toBe('stop');
    expect(discarded).toEqual(['unsure']);
  });

  it('times each attempt out, aborts its signal and discards its late value', async () => {
    const { clock, options } = setUp();
    const runs: Run[] = [];
    const discarded: unknown[] = [];
    const operation = async (run: Run): Promise<number> => {
      runs.push(run);
      if (run.attempt === 1) expect(run.signal.aborted).toBe(false);
      await clock.sleep(run.attempt < 3 ? 1500 : 10);
      return run.attempt;
    };
    const result = retry<unknown>(operation, { ...options, attemptTimeout: '1s', onDiscard: (value) => void discarded.push(value) });
    await clock.advance(5000);
    expect(await result).toBe(3);
    expect(discarded).toEqual([1, 2]);
    // The second was first read when its time was long up.
    expect(runs.map(({ signal }) => (signal.reason as TunicError | undefined)?.code)).toEqual(['ERR_TUNIC_TIMEOUT', 'ERR_TUNIC_TIMEOUT', undefined]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with ERR_TUNIC_TIMEOUT when the last attempt is too slow', async () => {
    const { clock, options } = setUp();
    const result = held(retry(never, { ...options, attempts: 2, attemptTimeout: 50 }));
    await clock.advance(200);
    await expect(result).rejects.toMatchObject({ code: 'ERR_TUNIC_TIMEOUT', retryable: true });
    expect(clock.pendingTimers).toBe(0);
  });

  it('starts no attempt and no wait that would pass maxElapsed, and cuts attemptTimeout to it', async () => {
    const { clock, events, options } = setUp();
    const last = new Error('last');
    const result = held(retry(failing(new Error('1'), new Error('2'), last, 'more'), { ...options, attempts: 9, maxElapsed: 250 }));
    await clock.advance(200);
    await expect(result).rejects.toBe(last);
    expect(events).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
    const slow = held(retry(never, { ...options, attempts: Infinity, attemptTimeout: 200, maxElapsed: 350 }));
    await clock.advance(349);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    await expect(slow).rejects.toMatchObject({ message: 'timed out after 50 ms' });
  });

  it('tells the time that the limits leave', async () => {
    const { clock, options } = setUp();
    const left: number[] = [];
    const operation = async (run: Run): Promise<void> => {
      left.push(run.remainingMs());
      await clock.sleep(30);
      left.push(run.remainingMs());
      if (run.attempt < 2) throw new Error('again');
    };
    for (const limits of [{}, { maxElapsed: 1000 }, { maxElapsed: 1000, attemptTimeout: 400 }, { maxElapsed: 200, attemptTimeout: 400 }]) {
      const result = retry(operation, { ...options, ...limits });
      await clock.advance(1000);
      await result;
    }
    expect(left).toEqual([Infinity, Infinity, Infinity, Infinity, 1000, 970, 870, 840, 400, 370, 400, 370, 200, 170, 70, 40]);
  });

  it('sends what hooks throw to the logger and goes on', async () => {
    const { clock } = setUp();
    const error = vi.fn();
    const boom = (): never => {
      throw new Error('hook');
    };
    const options = { clock, logger: { ...silentLogger, error }, onRetry: boom, onDiscard: boom, backoff: constant(1) };
    const result = retry(({ attempt }) => attempt, { ...options, retryIf: (_outcome, attempt) => attempt < 2 });
    await clock.advance(1);
    expect(await result).toBe(2);
    expect(error.mock.calls.map(([fields]) => (fields as { hook: string }).hook)).toEqual(['onRetry', 'onDiscard']);
  });

  it('costs no controller, listener or timer while nothing fails', async () => {
    const clock = createVirtualClock();
    const setTimeout = vi.spyOn(clock, 'setTimeout');
    const { signal } = new AbortController();
    const listen = vi.spyOn(signal, 'addEventListener');
    const controller = vi.spyOn(globalThis, 'AbortController');
    for (let i = 0; i < 1000; i++) await retry(() => i, { clock, signal, maxElapsed: '1m' });
    expect([setTimeout, listen, controller].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
    controller.mockRestore();
  });

  it('leaves no timer or listener after many limited uses', async () => {
    const clock = createVirtualClock();
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    for (let i = 0; i < 100_000; i++) await retry((run) => run.signal.aborted, { clock, signal, attemptTimeout: '1m' });
    expect(clock.pendingTimers).toBe(0);
    expect(add.mock.calls.length).toBe(100_000);
    expect(remove.mock.calls.length).toBe(100_000);
  });

  it('refuses bad options by name, as a rejection', async () => {
    for (const bad of [{ attempts: 0 }, { attempts: 1.5 }, { backoff: 1 }, { retryIf: 1 }, { attemptTimeout: -1 }, { maxElapsed: 'x' }, { onRetry: 1 }, { onDiscard: 1 }])
      await expect(retry(() => 1, bad as never)).rejects.toThrow(new RegExp(`^${Object.keys(bad).join('')}: `));
    expect(() => withRetry(() => 1, { attempts: -1 })).toThrow(/^attempts: /);
    await expect(retry(failing('x'), { backoff: () => NaN })).rejects.toThrow(/^backoff: /);
  });
});

describe('withRetry', () => {
  it('keeps arguments and this', async () => {
    const { clock, options } = setUp();
    const operation = failing('first');
    const object = { name: 'it', greet: withRetry(function (this: { name: string }, text: string) { return `${operation()} ${text} ${this.name}`; }, options as RetryOptions<string>) };
    const result = object.greet('for');
    await clock.advance(100);
    expect(await result).toBe('done for it');
  });
});

describe('retryLayer', () => {
  it('runs the layers inside again, each with a time limit of its own', async () => {
    const { clock } = setUp();
    let calls = 0;
    const call = compose<object>([
      retryLayer({ clock, backoff: constant(100) }),
      timeoutLayer(50, { clock }),
      () => (++calls < 3 ? never() : 'done'),
    ]);
    const result = call({});
    await clock.advance(300);
    expect(await result).toBe('done');
    expect(calls).toBe(3);
  });

  it('takes its signal from the context', async () => {
    const { clock } = setUp();
    const controller = new AbortController();
    const call = compose<{ signal: AbortSignal }, string>([
      retryLayer({ clock, signal: (context) => context.signal }),
      failing('first'),
    ]);
    const result = held(call({ signal: controller.signal }));
    await clock.advance(0);
    controller.abort('stop');
    await expect(result).rejects.toBe('stop');
  });

  it('refuses attemptTimeout, whose attempts would still be under way', () => {
    expect(() => retryLayer({ attemptTimeout: 1 } as never)).toThrow(/^attemptTimeout: /);
  });
});
