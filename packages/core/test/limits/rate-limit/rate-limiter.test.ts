import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryRateLimitStore } from '../../../src/limits/rate-limit/memory-rate-limit-store.ts';
import type { RateLimitStore } from '../../../src/limits/rate-limit/rate-limit-store.ts';
import { type RateLimiterOptions, createRateLimiter } from '../../../src/limits/rate-limit/rate-limiter.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

function setUp(options: Partial<RateLimiterOptions> = {}) {
  const clock = createVirtualClock();
  return { clock, limiter: createRateLimiter({ limit: '3/m', clock, ...options }) };
}

/** As if it were elsewhere: every answer takes 5 ms. */
function remote(clock: ReturnType<typeof createVirtualClock>): RateLimitStore {
  const memory = createMemoryRateLimitStore({ clock });
  return {
    consume: (...args) => clock.sleep(5).then(() => memory.consume(...args)),
    peek: (...args) => clock.sleep(5).then(() => memory.peek(...args)),
    adjust: (...args) => clock.sleep(5).then(() => memory.adjust(...args)),
    reset: (key) => clock.sleep(5).then(() => memory.reset(key)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe('createRateLimiter', () => {
  it('reads rates as text and as numbers', async () => {
    const rates: [RateLimiterOptions['limit'], number, number][] = [
      ['100/m', 100, 60_000],
      ['5/30s', 5, 30_000],
      ['1/1.5h', 1, 5_400_000],
      ['7/ms', 7, 1],
      [{ limit: 2, window: '30d' }, 2, 2_592_000_000],
    ];
    for (const [limit, most, windowMs] of rates) {
      const { limiter } = setUp({ limit, algorithm: 'fixed-window' });
      expect(await limiter.consume('k', most)).toEqual({ allowed: true, limit: most, remaining: 0, resetMs: windowMs, retryAfterMs: 0 });
    }
  });

  it('lets no burst through around a boundary by default', async () => {
    const { clock, limiter } = setUp({ limit: '10/s' });
    await clock.advance(900);
    const before = await Promise.all(Array.from({ length: 20 }, () => limiter.consume('k')));
    await clock.advance(130);
    const after = await Promise.all(Array.from({ length: 20 }, () => limiter.consume('k')));
    expect([...before, ...after].filter(({ allowed }) => allowed)).toHaveLength(10);
  });

  it('limits by a window of 30 days to its end', async () => {
    const { clock, limiter } = setUp({ limit: '1/30d' });
    await limiter.consume('k');
    await clock.advance('29d');
    expect(await limiter.consume('k')).toMatchObject({ allowed: false, retryAfterMs: 86_400_000 });
    await clock.advance('1d');
    expect(await limiter.consume('k')).toMatchObject({ allowed: true });
  });

  it('penalises, rewards, peeks and resets', async () => {
    const { limiter } = setUp();
    expect((await limiter.penalty('k', 5)).allowed).toBe(false);
    expect((await limiter.reward('k', 4)).remaining).toBe(2);
    expect(await limiter.peek('k', 3)).toMatchObject({ allowed: false, remaining: 2 });
    expect((await limiter.penalty('k')).remaining).toBe(1);
    await limiter.reset('k');
    expect((await limiter.peek('k')).remaining).toBe(3);
  });

  it('blocks for as long as it was told once a key asks for too much', async () => {
    const { clock, limiter } = setUp({ limit: '2/s', block: '10m' });
    for (let i = 0; i < 3; i++) await limiter.consume('k');
    await clock.advance('9m');
    expect(await limiter.consume('k')).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 60_000 });
    await clock.advance('1m');
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, remaining: 1 });
  });

  it('shares a store with limiters of other windows and namespaces without touching their keys', async () => {
    const clock = createVirtualClock();
    const store = createMemoryRateLimitStore({ clock });
    const create = (limit: '1/s' | '1/m', namespace?: string) => createRateLimiter({ limit, store, clock, ...(namespace === undefined ? {} : { namespace }) });
    const [second, minute, other, twin] = [create('1/s'), create('1/m'), create('1/s', 'other'), create('1/s')];
    for (const limiter of [second, minute, other]) expect((await limiter.consume('k')).allowed).toBe(true);
    expect((await twin.consume('k')).allowed).toBe(false);
    await clock.advance('1s');
    expect([(await second.consume('k')).allowed, (await minute.consume('k')).allowed]).toEqual([true, false]);
  });

  it('refuses bad options, keys and costs by name', async () => {
    for (const limit of ['', '0/m', '1/x', '-1/m', '1.5/m', 'm', '1/0s', { limit: NaN, window: '1s' }, { limit: 1, window: 0 }] as RateLimiterOptions['limit'][])
      expect(() => createRateLimiter({ limit })).toThrow(/^(limit|window|duration):/);
    expect(() => createRateLimiter({ limit: '1/s', algorithm: 'leaky' as never })).toThrow(/^algorithm:/);
    expect(() => createRateLimiter({ limit: '1/s', burst: 2 })).toThrow(/^burst:/);
    for (const namespace of ['', 'a:b', 'a*']) expect(() => createRateLimiter({ limit: '1/s', namespace })).toThrow(/^namespace:/);
    const { limiter } = setUp();
    for (const key of ['', '\0', '\ud800', 'k'.repeat(513), 5 as never]) await expect(limiter.consume(key)).rejects.toThrow(/^key:/);
    for (const cost of [0, 4, 1.5, NaN, -1]) await expect(limiter.consume('k', cost)).rejects.toThrow(/^cost:/);
    for (const amount of [0, -1, 0.5]) await expect(limiter.penalty('k', amount)).rejects.toThrow(/^amount:/);
    expect((await limiter.consume('🎉')).allowed).toBe(true);
  });

  it('rejects with what the store rejects with or throws', async () => {
    const store = { ...remote(createVirtualClock()), consume: () => Promise.reject(new Error('down')), peek: () => { throw new Error('broken'); } };
    const limiter = createRateLimiter({ limit: '1/s', store });
    await expect(limiter.consume('k')).rejects.toThrow('down');
    await expect(limiter.wait('k')).rejects.toThrow('down');
    await expect(limiter.peek('k')).rejects.toThrow('broken');
  });
});

describe.each(['at once', 'later'])('wait on a store that answers %s', (speed) => {
  function setUpWait(options: Partial<RateLimiterOptions> = {}) {
    const clock = createVirtualClock();
    const store = speed === 'later' ? remote(clock) : createMemoryRateLimitStore({ clock });
    return { clock, store, limiter: createRateLimiter({ limit: '1/s', clock, store, ...options }) };
  }

  it('lets those who wait in one by one, in order of arrival', async () => {
    const { clock, limiter } = setUpWait();
    const done: number[] = [];
    const waits = Array.from({ length: 5 }, (_, i) => limiter.wait('k').then(() => done.push(i)));
    await clock.advance(2_100);
    expect(done).toEqual([0, 1, 2]);
    await clock.advance('3s');
    await Promise.all(waits);
    expect([done, clock.pendingTimers]).toEqual([[0, 1, 2, 3, 4], 0]);
  });

  it('rejects at once when maxWait is too short, and says when there is room', async () => {
    const { clock, limiter } = setUpWait({ limit: '1/m' });
    const first = limiter.wait('k');
    await clock.advance(10);
    await first;
    const seen = limiter.wait('k', { maxWait: '30s' }).catch((error: unknown) => error);
    await clock.advance(10);
    expect(await seen).toMatchObject({ code: 'ERR_TUNIC_RATE_LIMITED', retryable: true });
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up in line when maxWait is over', async () => {
    const { clock, limiter } = setUpWait({ limit: '1/m' });
    const waits = [0, 1, 2].map(() => limiter.wait('k', { maxWait: '70s' }).catch((error: unknown) => error));
    await clock.advance('70s');
    expect(await Promise.all(waits)).toMatchObject([{ allowed: true }, { allowed: true }, { code: 'ERR_TUNIC_RATE_LIMITED' }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends with the reason of its signal in every state, and leaves no timer, listener or usage', async () => {
    for (const abortAt of [0, 1, 3, 6, 400, 999, 1_002, 1_500]) {
      const { clock, limiter } = setUpWait();
      const controller = new AbortController();
      const outcomes = [0, 1, 2].map((i) => limiter.wait('k', i === 0 ? {} : { signal: controller.signal }).catch((error: unknown) => error));
      await clock.advance(abortAt);
      controller.abort('gone');
      await clock.advance('10s');
      const [first, ...others] = await Promise.all(outcomes);
      expect(first).toMatchObject({ allowed: true });
      for (const other of others) if (other !== 'gone') expect(other).toMatchObject({ allowed: true });
      if (abortAt < 1_000) expect(others).toEqual(['gone', 'gone']);
      expect([clock.pendingTimers, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0]);
      const left = limiter.peek('k');
      await clock.advance(10);
      expect((await left).remaining).toBe(1);
    }
  });

  it('starts no block', async () => {
    const { clock, limiter } = setUpWait({ block: '1h' });
    const waits = [limiter.wait('k'), limiter.wait('k')];
    await clock.advance('2s');
    expect(await Promise.all(waits)).toMatchObject([{ allowed: true }, { allowed: true }]);
  });

  it('goes past nobody, and lets the next one in when one before leaves', async () => {
    const { clock, limiter } = setUpWait();
    const controller = new AbortController();
    const first = limiter.wait('k');
    const second = limiter.wait('k', { signal: controller.signal }).catch((error: unknown) => error);
    const third = limiter.wait('k');
    await clock.advance(500);
    controller.abort('gone');
    await clock.advance(600);
    expect([await first, await second, await third]).toMatchObject([{ allowed: true }, 'gone', { allowed: true }]);
  });
});

describe('wait', () => {
  it('gives back what a slow store takes for one who has gone', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ limit: '1/h', clock, store: remote(clock) });
    const controller = new AbortController();
    const wait = limiter.wait('k', { signal: controller.signal }).catch((error: unknown) => error);
    await clock.advance(2);
    controller.abort('gone');
    expect(await wait).toBe('gone');
    await clock.advance(20);
    const left = limiter.peek('k');
    await clock.advance(5);
    expect((await left).remaining).toBe(1);
  });

  it('sets neither timer nor listener while there is room', async () => {
    const clock = createVirtualClock();
    const set = vi.spyOn(clock, 'setTimeout');
    const limiter = createRateLimiter({ limit: '100/s', clock });
    const { signal } = new AbortController();
    const listen = vi.spyOn(signal, 'addEventListener');
    for (let i = 0; i < 100; i++) await limiter.wait('k', { signal });
    expect([set.mock.calls.length, listen.mock.calls.length]).toEqual([0, 0]);
  });
});
