import { describe, expect, it, vi } from 'vitest';
import { compose } from '../../../src/compose/compose.ts';
import { silentLogger } from '../../../src/logging/logger.ts';
import type { Run } from '../../../src/resilience/run.ts';
import { timeout, timeoutLayer } from '../../../src/resilience/timeout/timeout.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const TIMEOUT: unknown = expect.objectContaining({ code: 'ERR_TUNIC_TIMEOUT', retryable: true, message: 'timed out after 100 ms' });
const never = (): Promise<never> => new Promise(() => undefined);
const held = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};
const uponAbort = ({ signal }: Run): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('called off')), { once: true });
  });

describe.each(['race', 'cooperative'] as const)('timeout, mode %s', (mode) => {
  it('returns what comes in time, plain or promised, and leaves no timer', async () => {
    const clock = createVirtualClock();
    expect(await timeout(() => 0, 100, { clock, mode })).toBe(0);
    const boom = new Error('boom');
    await expect(timeout(() => Promise.reject(boom), 100, { clock, mode })).rejects.toBe(boom);
    const throwing = (): never => {
      throw boom;
    };
    await expect(timeout(throwing, 100, { clock, mode })).rejects.toBe(boom);
    const slow = timeout(() => clock.sleep(99).then(() => 'slow'), 100, { clock, mode });
    await clock.advance(99);
    expect(await slow).toBe('slow');
    expect(clock.pendingTimers).toBe(0);
  });

  it('aborts the signal and rejects when the time is up', async () => {
    const clock = createVirtualClock();
    let seen: Run | undefined;
    const result = held(timeout((run) => uponAbort((seen = run)), 100, { clock, mode }));
    await clock.advance(40);
    expect(seen?.remainingMs()).toBe(60);
    await clock.advance(60);
    await expect(result).rejects.toEqual(TIMEOUT);
    expect([seen?.signal.reason, seen?.attempt, seen?.remainingMs()]).toEqual([TIMEOUT, 1, 0]);
  });

  it('falls back only after the signal has aborted', async () => {
    const clock = createVirtualClock();
    let seen: AbortSignal | undefined;
    const fallback = (): string => `aborted: ${seen?.aborted}`;
    const result = timeout<string>((run) => ((seen = run.signal), uponAbort(run)), 100, { clock, mode, fallback });
    await clock.advance(100);
    expect(await result).toBe('aborted: true');
    const broken = held(timeout<string>(uponAbort, 100, { clock, mode, fallback: () => Promise.reject(new Error('fallback')) }));
    await clock.advance(100);
    await expect(broken).rejects.toThrow('fallback');
  });

  it('rejects with the reason of the caller and never calls that a time-out', async () => {
    const clock = createVirtualClock();
    const onLate = vi.fn();
    const operation = vi.fn(uponAbort);
    await expect(timeout(operation, 100, { clock, mode, signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(operation).not.toHaveBeenCalled();
    const controller = new AbortController();
    const result = held(timeout(operation, 100, { clock, mode, signal: controller.signal, fallback: () => 'never', onLate }));
    await clock.advance(50);
    controller.abort('during');
    await clock.advance(1000);
    await expect(result).rejects.toBe('during');
    expect(onLate.mock.calls).toEqual([[{ error: new Error('called off') }]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('hands a late failure over and survives a hook that throws', async () => {
    const clock = createVirtualClock();
    const error = vi.fn();
    const onLate = vi.fn(() => {
      throw new Error('hook');
    });
    const result = held(timeout(() => clock.sleep(150).then(() => Promise.reject(new Error('late'))), 100, { clock, mode, onLate, logger: { ...silentLogger, error } }));
    await clock.advance(200);
    await expect(result).rejects.toEqual(TIMEOUT);
    expect(onLate.mock.calls).toEqual([[{ error: new Error('late') }]]);
    expect(error).toHaveBeenCalledOnce();
  });

  it('leaves no timer or listener behind after many uses', async () => {
    const clock = createVirtualClock();
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    for (let i = 0; i < 100_000; i++) await timeout((run) => run.signal.aborted, '1m', { clock, mode, signal });
    expect(clock.pendingTimers).toBe(0);
    expect(add.mock.calls.length).toBe(remove.mock.calls.length);
  });

  it('makes no controller and no error unless it fires', async () => {
    const clock = createVirtualClock();
    const controller = vi.spyOn(globalThis, 'AbortController');
    const capture = vi.spyOn(Error, 'captureStackTrace');
    for (let i = 0; i < 100; i++) await timeout(() => i, 100, { clock, mode });
    expect([controller.mock.calls.length, capture.mock.calls.length]).toEqual([0, 0]);
    controller.mockRestore();
    capture.mockRestore();
  });
});

describe('timeout', () => {
  it('settles at once in a race, whatever the operation does, and hands its late value over', async () => {
    const clock = createVirtualClock();
    const onLate = vi.fn();
    const result = held(timeout(() => clock.sleep(500).then(() => 'late'), 100, { clock, onLate }));
    const never1 = held(timeout(never, 100, { clock }));
    await clock.advance(100);
    await expect(result).rejects.toEqual(TIMEOUT);
    await expect(never1).rejects.toEqual(TIMEOUT);
    expect(onLate).not.toHaveBeenCalled();
    await clock.advance(400);
    expect(onLate.mock.calls).toEqual([[{ value: 'late' }]]);
  });

  it('waits for the operation in cooperation and returns the value that it still brings', async () => {
    const clock = createVirtualClock();
    const onLate = vi.fn();
    const result = timeout(() => clock.sleep(500).then(() => 'late'), 100, { clock, onLate, mode: 'cooperative' });
    await clock.advance(500);
    expect(await result).toBe('late');
    expect(onLate).not.toHaveBeenCalled();
  });

  it('waits longer than the platform can', async () => {
    const clock = createVirtualClock();
    const settled = vi.fn();
    held(timeout(never, '30d', { clock })).catch(settled);
    await clock.advance('29d');
    expect(settled).not.toHaveBeenCalled();
    await clock.advance('1d');
    expect(settled).toHaveBeenCalledOnce();
  });

  it('refuses bad options by name', async () => {
    await expect(timeout(never, -1)).rejects.toThrow(/^duration: /);
    await expect(timeout(never, 1, { mode: 'x' as never })).rejects.toThrow(/^mode: /);
    await expect(timeout(never, 1, { fallback: 1 as never })).rejects.toThrow(/^fallback: /);
    await expect(timeout(never, 1, { onLate: 1 as never })).rejects.toThrow(/^onLate: /);
    expect(() => timeoutLayer('soon' as never)).toThrow(/^duration: /);
  });

  it('is a layer, with a signal from the context', async () => {
    const clock = createVirtualClock();
    const call = compose<{ signal?: AbortSignal }, string>([timeoutLayer(100, { clock, signal: (context) => context.signal })]);
    expect(await call({}, () => 'inside')).toBe('inside');
    await expect(call({ signal: AbortSignal.abort('off') }, () => 'inside')).rejects.toBe('off');
    const slow = held(call({}, never));
    await clock.advance(100);
    await expect(slow).rejects.toEqual(TIMEOUT);
  });
});
