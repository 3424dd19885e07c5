import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/time/clock.ts';

const DAY = 86_400_000;
const MAX_NATIVE = 2 ** 31 - 1;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('systemClock', () => {
  it('shows the wall clock and a monotonic clock', () => {
    vi.setSystemTime(1_000_000);
    const start = systemClock.monotonic();
    expect(systemClock.now()).toBe(1_000_000);
    vi.advanceTimersByTime(250);
    expect(systemClock.now()).toBe(1_000_250);
    expect(systemClock.monotonic() - start).toBe(250);
  });

  it.each([0, 1, 250, MAX_NATIVE, MAX_NATIVE + 1, 30 * DAY, 2 * MAX_NATIVE, 2 * MAX_NATIVE + 1, 400 * DAY])(
    'fires a timer of %d ms once and exactly then',
    (ms) => {
      const run = vi.fn();
      systemClock.setTimeout(run, ms);
      if (ms > 0) vi.advanceTimersByTime(ms - 1);
      expect(run).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(run).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(100 * DAY);
      expect(run).toHaveBeenCalledTimes(1);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('drops a long timer in any link of its chain', () => {
    for (const after of [0, 10 * DAY, 30 * DAY, 60 * DAY]) {
      const run = vi.fn();
      const timer = systemClock.setTimeout(run, 70 * DAY);
      vi.advanceTimersByTime(after);
      systemClock.clearTimeout(timer);
      expect(vi.getTimerCount()).toBe(0);
      vi.advanceTimersByTime(100 * DAY);
      expect(run).not.toHaveBeenCalled();
    }
  });

  it('takes negative and broken lengths for 0, and never fires an infinite one', () => {
    const run = vi.fn();
    systemClock.setTimeout(run, -5);
    systemClock.setTimeout(run, NaN);
    const never = systemClock.setTimeout(run, Infinity);
    vi.advanceTimersByTime(500 * DAY);
    expect(run).toHaveBeenCalledTimes(2);
    systemClock.clearTimeout(never);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ignores a timer that fired or was dropped before', () => {
    for (const ms of [5, 30 * DAY]) {
      const fired = systemClock.setTimeout(() => undefined, ms);
      vi.advanceTimersByTime(ms);
      systemClock.clearTimeout(fired);
      systemClock.clearTimeout(fired);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it('unreferences native timers on request only, every link of a long one included', () => {
    vi.useRealTimers();
    const spy = vi.spyOn(globalThis, 'setTimeout');
    const held = systemClock.setTimeout(() => undefined, 1_000);
    const loose = systemClock.setTimeout(() => undefined, 1_000, { unref: true });
    const long = systemClock.setTimeout(() => undefined, 30 * DAY, { unref: true });
    const refs = spy.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef());
    for (const timer of [held, loose, long]) systemClock.clearTimeout(timer);
    spy.mockRestore();
    expect(refs).toEqual([true, false, false]);
  });
});

describe('systemClock.sleep', () => {
  const reason = { why: 'enough' };
  const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

  it('resolves after the duration and leaves no listener', async () => {
    const { signal } = new AbortController();
    const nap = systemClock.sleep('30d', signal);
    expect(listeners(signal)).toBe(1);
    vi.advanceTimersByTime(30 * DAY);
    await nap;
    expect([listeners(signal), vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('rejects at once with the reason of a signal that is aborted already, without a timer', async () => {
    await expect(systemClock.sleep('1s', AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, 30 * DAY])('rejects with the reason when aborted while asleep, %d ms into it', async (after) => {
    const controller = new AbortController();
    const nap = systemClock.sleep('40d', controller.signal);
    vi.advanceTimersByTime(after);
    controller.abort(reason);
    await expect(nap).rejects.toBe(reason);
    expect([listeners(controller.signal), vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('stays resolved when aborted in the tick in which it ends, or later', async () => {
    const controller = new AbortController();
    const nap = systemClock.sleep('1s', controller.signal);
    vi.advanceTimersByTime(1_000);
    controller.abort(reason);
    await expect(nap).resolves.toBeUndefined();
  });

  it('rejects, and does not throw, when the duration is none', async () => {
    await expect(systemClock.sleep('soon' as never)).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
  });

  it('puts one listener on the signal however many sleep', async () => {
    const controller = new AbortController();
    const naps = Array.from({ length: 1_000 }, () => systemClock.sleep('1s', controller.signal));
    expect(listeners(controller.signal)).toBe(1);
    controller.abort(reason);
    const outcomes = await Promise.allSettled(naps);
    expect(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason === reason)).toBe(true);
    expect([listeners(controller.signal), vi.getTimerCount()]).toEqual([0, 0]);
  });
});
