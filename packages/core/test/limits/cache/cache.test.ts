import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { createCache } from '../../../src/limits/cache/cache.ts';
import type { CacheOptions } from '../../../src/limits/cache/cache-options.ts';
import type { CacheStore } from '../../../src/limits/cache/cache-store.ts';
import { cached } from '../../../src/limits/cache/cached.ts';
import { createMemoryCacheStore } from '../../../src/limits/cache/memory-cache-store.ts';
import { type Logger, silentLogger } from '../../../src/logging/logger.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

function setUp(options: Partial<CacheOptions> = {}) {
  const clock = createVirtualClock();
  const store = createMemoryCacheStore({ clock });
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_, message) => warnings.push(message) };
  return { clock, store, warnings, cache: createCache({ ttl: '1m', clock, store, logger, ...options }) };
}

describe('createCache', () => {
  it('keeps values for their time', async () => {
    const { clock, cache } = setUp();
    await cache.set('a', { n: 1 });
    await cache.set('b', 'short', { ttl: '1s' });
    await clock.advance('1s');
    expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toEqual([{ n: 1 }, undefined, undefined]);
    expect([await cache.delete('a'), await cache.delete('a'), await cache.get('a')]).toEqual([true, false, undefined]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives every caller a copy of its own, the first one too', async () => {
    const { cache } = setUp();
    const made = { list: [1] };
    const [one, two] = await Promise.all([cache.wrap('k', () => made), cache.wrap('k', () => made)]);
    one.list.push(2);
    expect([made.list, two.list, await cache.get('k')]).toEqual([[1], [1], { list: [1] }]);
  });

  it('keeps null, undefined, false and text as they are', async () => {
    const { cache } = setUp();
    for (const value of [null, undefined, false, 0, '', 'text', [1], { a: { b: [null] } }]) {
      const key = `k${JSON.stringify(value)}`;
      expect([await cache.wrap<unknown>(key, () => value), await cache.wrap<unknown>(key, () => 'other')]).toEqual([value, value]);
    }
  });

  it('says clearly that a value is no JSON', async () => {
    const { cache } = setUp();
    for (const value of [5n, () => 1, Symbol('s')]) {
      await expect(cache.set('k', value)).rejects.toThrow(/^value: expected a value that JSON can hold/);
      await expect(cache.wrap('k', () => value)).rejects.toThrow(/^value: expected/);
    }
    expect(await cache.wrap('k', () => 'fine')).toBe('fine');
  });

  it('keeps namespaces apart, and clears its own alone', async () => {
    const { clock, store, cache } = setUp({ namespace: 'a' });
    const other = createCache({ ttl: '1m', namespace: 'b', clock, store });
    for (const each of [cache, other]) for (const key of ['users:1', 'users:2', 'posts:1']) await each.set(key, key);
    await cache.clear('users:*');
    expect([await cache.get('users:1'), await cache.get('posts:1'), await other.get('users:1')]).toEqual([undefined, 'posts:1', 'users:1']);
    await cache.clear();
    expect([await cache.get('posts:1'), await other.get('posts:1')]).toEqual([undefined, 'posts:1']);
  });

  it('shortens each time at random within ttlJitter', async () => {
    const chances = [0, 0.5, 0.999];
    const { clock, cache } = setUp({ ttl: 1_000, ttlJitter: 0.2, random: () => chances.shift() ?? 0 });
    for (const key of ['a', 'b', 'c']) await cache.set(key, key);
    const seen = [];
    for (const ms of [800, 99, 1, 99, 1]) {
      await clock.advance(ms);
      seen.push((await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)))).filter((value) => value !== undefined).length);
    }
    expect(seen).toEqual([3, 2, 1, 1, 0]);
  });

  it('keeps nothing found for negativeTtl, and not at all when that is 0', async () => {
    const { clock, cache } = setUp({ negativeTtl: '5s', stale: '1h' });
    const find = vi.fn(() => null);
    for (const wait of [0, 4_999, 1]) {
      await clock.advance(wait);
      await cache.wrap('k', find);
    }
    expect(find).toHaveBeenCalledTimes(2);
    const never = setUp({ negativeTtl: 0 });
    await never.cache.set('k', 'value');
    await never.cache.set('k', undefined);
    const again = vi.fn(() => 'found');
    expect(await never.cache.wrap('k', again)).toBe('found');
  });

  it('refuses bad options and arguments by name', async () => {
    const bad: [Partial<CacheOptions>, RegExp][] = [
      [{ ttl: 0 }, /^ttl:/],
      [{ stale: -1 }, /^stale:/],
      [{ ttlJitter: 1.1 }, /^ttlJitter:/],
      [{ negativeTtl: NaN }, /^negativeTtl:/],
      [{ namespace: 'a*' }, /^namespace:/],
    ];
    for (const [options, message] of bad) expect(() => setUp(options)).toThrow(message);
    const { cache } = setUp();
    for (const key of ['', '\0', 'k'.repeat(513)]) await expect(cache.get(key)).rejects.toThrow(/^key:/);
    await expect(cache.wrap('k', 5 as never)).rejects.toThrow(/^fn:/);
    await expect(cache.clear('')).rejects.toThrow(/^pattern:/);
  });
});

describe('wrap', () => {
  it('makes a value once for a burst of calls, and asks the store once', async () => {
    const { clock, store, cache } = setUp();
    const get = vi.spyOn(store, 'get');
    const fn = vi.fn(() => clock.sleep('1s').then(() => 'value'));
    const calls = Array.from({ length: 100 }, () => cache.wrap('k', fn));
    await clock.advance('1s');
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']));
    expect([fn.mock.calls.length, get.mock.calls.length, clock.pendingTimers]).toEqual([1, 1, 0]);
  });

  it('hands an error to all who wait and keeps none of it', async () => {
    const { cache } = setUp();
    const calls = [0, 1].map(() => cache.wrap('k', () => Promise.reject(new Error('down'))).catch((error: unknown) => (error as Error).message));
    expect(await Promise.all(calls)).toEqual(['down', 'down']);
    expect(await cache.wrap('k', () => 'up')).toBe('up');
  });

  it('serves a stale value at once and makes it anew once behind the scenes', async () => {
    const { clock, cache } = setUp({ stale: '1h' });
    let version = 0;
    const fn = vi.fn(() => clock.sleep('1s').then(() => ++version));
    const first = cache.wrap('k', fn);
    await clock.advance('1m');
    await clock.advance('1s');
    expect([await first, ...(await Promise.all([cache.wrap('k', fn), cache.wrap('k', fn)]))]).toEqual([1, 1, 1]);
    await clock.advance('1s');
    expect([await cache.wrap('k', fn), fn.mock.calls.length, clock.pendingTimers]).toEqual([2, 2, 0]);
  });

  it('serves the last good value while fn fails within stale, and the error after it', async () => {
    const { clock, cache, warnings } = setUp({ stale: '1h' });
    await cache.set('k', 'good');
    const fail = (): Promise<string> => Promise.reject(new Error('down'));
    for (const wait of ['1m', '30m', '29m'] as const) {
      await clock.advance(wait);
      expect(await cache.wrap('k', fail)).toBe('good');
    }
    await clock.advance('1m');
    expect(warnings).toHaveLength(3);
    await expect(cache.wrap('k', fail)).rejects.toThrow('down');
  });

  it('joins what is made anew already when the stale value ends meanwhile', async () => {
    const { clock, cache } = setUp({ stale: '1s' });
    await cache.set('k', 'old');
    await clock.advance('1m');
    const fn = vi.fn(() => clock.sleep('5s').then(() => 'new'));
    expect(await cache.wrap('k', fn)).toBe('old');
    await clock.advance('2s');
    const joined = cache.wrap('k', fn);
    await clock.advance('3s');
    expect([await joined, fn.mock.calls.length]).toEqual(['new', 1]);
  });

  it.each([
    ['delete', (cache: ReturnType<typeof createCache>) => cache.delete('k')],
    ['clear', (cache: ReturnType<typeof createCache>) => cache.clear('k*')],
    ['set', (cache: ReturnType<typeof createCache>) => cache.set('k', 'set')],
  ])('does not store what a %s has overtaken', async (name, change) => {
    for (const stale of [false, true]) {
      const { clock, cache } = setUp({ stale: '1h' });
      if (stale) {
        await cache.set('k', 'old');
        await clock.advance('1m');
      }
      const slow = cache.wrap('k', () => clock.sleep('1s').then(() => 'outdated'));
      await clock.advance(500);
      await change(cache);
      await clock.advance(500);
      expect(await slow).toBe(stale ? 'old' : 'outdated');
      expect(await cache.get('k')).toBe(name === 'set' ? 'set' : undefined);
    }
  });

  it('ends the wait of one caller without ending that of the others', async () => {
    const { clock, cache } = setUp();
    const controller = new AbortController();
    const first = cache.wrap('k', () => clock.sleep('1s').then(() => 'value'), { signal: controller.signal }).catch((error: unknown) => error);
    const second = cache.wrap('k', () => 'other');
    await clock.advance(500);
    controller.abort('gone');
    await clock.advance(500);
    expect([await first, await second]).toEqual(['gone', 'value']);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('aborts fn when all who wait are gone, and starts afresh for the next', async () => {
    const { clock, cache } = setUp();
    const [one, two] = [new AbortController(), new AbortController()];
    let seen: unknown;
    const outcomes = [one, two].map(({ signal }) =>
      cache.wrap('k', (run) => clock.sleep('1h', run.signal).catch((error: unknown) => Promise.reject((seen = error))), { signal }).catch((error: unknown) => error),
    );
    await clock.advance(10);
    one.abort('first gone');
    await clock.advance(10);
    expect(seen).toBeUndefined();
    two.abort('last gone');
    expect(await Promise.all(outcomes)).toEqual(['first gone', 'last gone']);
    expect(await cache.wrap('k', () => 'fresh')).toBe('fresh');
    expect([seen, clock.pendingTimers]).toEqual(['last gone', 0]);
    await expect(cache.wrap('k', () => 'x', { signal: AbortSignal.abort('before') })).rejects.toBe('before');
  });

  it('takes a store in trouble for an empty one', async () => {
    const down = (): Promise<never> => Promise.reject(new Error('store down'));
    const store: CacheStore = { get: down, set: down, delete: down, clear: down, [Symbol.asyncDispose]: () => Promise.resolve() };
    const { cache, warnings } = setUp({ store });
    expect(await cache.wrap('k', () => 'made')).toBe('made');
    expect(warnings).toHaveLength(2);
    for (const call of [cache.get('k'), cache.set('k', 1), cache.delete('k'), cache.clear()]) await expect(call).rejects.toThrow('store down');
  });
});

describe('cached', () => {
  it('keeps the value of each key, except where unless says so', async () => {
    const clock = createVirtualClock();
    const fn = vi.fn((n: number, tenant: string) => Promise.resolve(`${tenant} ${n}`));
    const call = cached(fn, { key: (n, tenant) => `${tenant}/${n}`, ttl: '1m', clock, unless: (value, n) => n === 0 || value === 'b 2' });
    for (let round = 0; round < 2; round++) expect(await Promise.all([call(1, 'a'), call(2, 'b'), call(0, 'a')])).toEqual(['a 1', 'b 2', 'a 0']);
    expect(fn).toHaveBeenCalledTimes(5);
    await clock.advance('1m');
    await call(1, 'a');
    expect(fn).toHaveBeenCalledTimes(6);
  });

  it('refuses bad options, and rejects when the key is bad', async () => {
    expect(() => cached(5 as never, { key: () => 'k', ttl: 1 })).toThrow(/^fn:/);
    expect(() => cached(() => 1, { ttl: 1 } as never)).toThrow(/^key:/);
    expect(() => cached(() => 1, { key: () => 'k', ttl: 0 })).toThrow(/^ttl:/);
    await expect(cached(() => 1, { key: () => '', ttl: 1 })()).rejects.toThrow(/^key:/);
  });
});
