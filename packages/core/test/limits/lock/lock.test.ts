import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { type Lock, type LockOptions, createLock } from '../../../src/limits/lock/lock.ts';
import type { LockStore } from '../../../src/limits/lock/lock-store.ts';
import { createMemoryLockStore } from '../../../src/limits/lock/memory-lock-store.ts';
import { createSeededRandom } from '../../../src/testing/seeded-random.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

function setUp(change: (store: LockStore) => Partial<LockStore> = () => ({}), options: LockOptions = {}) {
  const clock = createVirtualClock();
  const memory = createMemoryLockStore({ clock });
  const plain: LockStore = {
    acquire: (...args) => memory.acquire(...args),
    renew: (...args) => memory.renew(...args),
    release: (...args) => memory.release(...args),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const store = { ...plain, ...change(plain) };
  const create = (): Lock => createLock({ store, clock, ...options });
  return { clock, store, plain, create, lock: create() };
}

describe('createLock', () => {
  it('lets one at a time in, here and in other processes, each with a greater fence', async () => {
    const { clock, create } = setUp();
    const locks = [create(), create(), create()];
    const fences: number[] = [];
    let inside = 0;
    const runs = Array.from({ length: 12 }, (_, i) =>
      (locks[i % 3] as Lock).run('k', async ({ fence }) => {
        expect(++inside).toBe(1);
        await clock.sleep(100);
        inside--;
        fences.push(fence);
      }),
    );
    await clock.advance('10s');
    await Promise.all(runs);
    expect([fences, clock.pendingTimers]).toEqual([[...fences].sort((a, b) => a - b), 0]);
    expect(new Set(fences).size).toBe(12);
  });

  it('lets those who wait in this process in one after another, in order, without polling', async () => {
    const acquire = vi.fn();
    const { clock, lock } = setUp((store) => ({ acquire: (...args) => (acquire(), store.acquire(...args)) }));
    const order: number[] = [];
    const runs = Array.from({ length: 5 }, (_, i) => lock.run('k', () => clock.sleep('5s').then(() => void order.push(i))));
    await clock.advance('25s');
    await Promise.all(runs);
    expect([order, acquire.mock.calls.length]).toEqual([[0, 1, 2, 3, 4], 5]);
  });

  it('renews while it is held, and frees the key on release and on dispose', async () => {
    const { clock, lock, create } = setUp();
    const held = await lock.acquire('k', { ttl: '3s' });
    await clock.advance('1h');
    expect([held.signal.aborted, await create().tryAcquire('k')]).toEqual([false, undefined]);
    expect([await held.release(), await held.release(), clock.pendingTimers]).toEqual([true, true, 0]);
    {
      await using again = await lock.acquire('k');
      expect(again.fence).toBeGreaterThan(held.fence);
    }
    expect(await lock.tryAcquire('k')).toBeDefined();
  });

  it('frees the key after ttl when its holder died, not before', async () => {
    const { clock, plain, lock } = setUp();
    await plain.acquire('k', 'dead', 10_000);
    const held = lock.acquire('k');
    let got = false;
    void held.then(() => (got = true));
    await clock.advance(9_999);
    expect(got).toBe(false);
    await clock.advance(1);
    expect((await held).fence).toBe(2);
  });

  it('aborts the signal of a holder that lost the lock, and its release then frees nobody else', async () => {
    const { clock, plain, lock } = setUp(() => ({ renew: () => Promise.resolve(false) }));
    const held = await lock.acquire('k', { ttl: '3s' });
    const { signal } = held;
    await clock.advance('1s');
    expect([signal.aborted, signal.reason]).toMatchObject([true, { code: 'ERR_TUNIC_LEASE_LOST' }]);
    expect([await held.release(), clock.pendingTimers]).toEqual([false, 0]);
    await clock.advance('3s');
    expect((await plain.acquire('k', 'next', 1_000)).acquired).toBe(true);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('down'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('holds for ttl and no longer when the store %s', async (_, renew) => {
    const { clock, lock } = setUp(() => ({ renew }));
    const held = await lock.acquire('k', { ttl: '3s' });
    const { signal } = held;
    await clock.advance(2_999);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect([signal.aborted, clock.pendingTimers]).toEqual([true, 0]);
    const next = await lock.acquire('k');
    expect(next.fence).toBeGreaterThan(held.fence);
    void next.release();
  });

  it('gives back what a late renewal got after the lock was lost', async () => {
    let answer: () => void = () => undefined;
    const { clock, plain, lock } = setUp((store) => ({ renew: (...args) => store.renew(...args).then((ok) => new Promise((resolve) => (answer = () => resolve(ok)))) }));
    await lock.acquire('k', { ttl: '3s' });
    await clock.advance('3s');
    answer();
    await clock.advance(0);
    expect((await plain.acquire('k', 'next', 1_000)).acquired).toBe(true);
  });

  it('makes its owner token of chance, never of the time, and a new one for each holding', async () => {
    const owners: string[] = [];
    const random = createSeededRandom(1);
    const { clock, lock } = setUp((store) => ({ acquire: (key, owner, ttlMs) => (owners.push(owner), store.acquire(key, owner, ttlMs)) }), { random });
    for (const key of ['a', 'b', 'c']) await lock.acquire(key);
    const same = createLock({ store: createMemoryLockStore(), clock, random: () => 0 });
    const twin = createLock({ store: createMemoryLockStore(), clock, random: () => 0 });
    expect(new Set(owners).size).toBe(3);
    for (const owner of owners) expect(owner).not.toContain(String(clock.now()).slice(0, 8));
    expect(owners.every((owner) => owner.length >= 20 && owner.length <= 128)).toBe(true);
    await same.acquire('x');
    expect(await twin.acquire('x')).toBeDefined();
  });

  it('tells locks apart under a random that repeats itself', async () => {
    const { create } = setUp(undefined, { random: () => 0 });
    const [one, two] = [create(), create()];
    await one.acquire('k');
    expect(await two.tryAcquire('k')).toBeUndefined();
    expect(await one.tryAcquire('k')).toBeUndefined();
  });

  it('polls with growing pauses, never beyond the time that the holder has left', async () => {
    const asked: number[] = [];
    const { clock, plain, lock } = setUp((store) => ({ acquire: (...args) => (asked.push(clock.monotonic()), store.acquire(...args)) }), { random: () => 0.999_999 });
    await plain.acquire('k', 'other', 2_000);
    const held = lock.acquire('k');
    await clock.advance('2s');
    await held;
    const gaps = asked.slice(1).map((at, i) => Math.round(at - (asked[i] ?? 0)));
    expect(gaps.slice(0, 5)).toEqual([20, 40, 80, 160, 320]);
    expect([Math.max(...gaps), asked.at(-1)]).toEqual([500, 2_000]);
  });

  it('gives up after wait with ERR_TUNIC_TIMEOUT, in line and at the store', async () => {
    const { clock, plain, lock } = setUp();
    await plain.acquire('k', 'other', 60_000);
    const seen = [0, 1, 2].map(() => lock.acquire('k', { wait: '5s' }).catch((error: unknown) => error));
    await clock.advance('5s');
    expect(await Promise.all(seen)).toMatchObject([{ code: 'ERR_TUNIC_TIMEOUT', retryable: true }, { code: 'ERR_TUNIC_TIMEOUT' }, { code: 'ERR_TUNIC_TIMEOUT' }]);
    expect(clock.pendingTimers).toBe(0);
    await plain.release('k', 'other');
    expect(await lock.tryAcquire('k')).toBeDefined();
  });

  it('ends with the reason of its signal in every state, and leaves the key free, no timer and no listener', async () => {
    for (const abortAt of [0, 3, 7, 12, 18, 30, 500, 1_003, 1_007, 1_020]) {
      const { clock, plain, lock } = setUp((store) => ({ acquire: (...args) => clock.sleep(5).then(() => store.acquire(...args)).then((reply) => clock.sleep(5).then(() => reply)) }));
      await plain.acquire('k', 'other', 1_000);
      const controller = new AbortController();
      const outcomes = [0, 1].map(() => lock.acquire('k', { signal: controller.signal, ttl: '1d' }).then((held) => held.release(), (error: unknown) => error));
      await clock.advance(abortAt);
      controller.abort('gone');
      await clock.advance('2s');
      expect(['gone', true]).toEqual(expect.arrayContaining(await Promise.all(outcomes)));
      expect([clock.pendingTimers, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0]);
      expect((await plain.acquire('k', 'next', 1_000)).acquired).toBe(true);
    }
  });

  it('frees a key that it may have got when the reply was lost', async () => {
    const { plain, lock } = setUp((store) => ({ acquire: (...args) => store.acquire(...args).then(() => Promise.reject(new Error('reply lost'))) }));
    await expect(lock.acquire('k')).rejects.toThrow('reply lost');
    await Promise.resolve();
    await vi.waitFor(async () => expect((await plain.acquire('k', 'next', 1_000)).acquired).toBe(true));
  });

  it('releases when fn throws, and hands the error on', async () => {
    const { lock } = setUp();
    await expect(lock.run('k', () => { throw new Error('mine'); })).rejects.toThrow('mine');
    expect(await lock.tryAcquire('k')).toBeDefined();
  });

  it('does not fail a run because its release fails', async () => {
    const { lock } = setUp(() => ({ release: () => Promise.reject(new Error('down')) }));
    expect(await lock.run('k', () => 'done')).toBe('done');
  });

  it('keeps namespaces apart', async () => {
    const { clock, store } = setUp();
    const [a, b] = ['a', 'b'].map((namespace) => createLock({ store, clock, namespace }));
    expect([await a?.tryAcquire('k'), await b?.tryAcquire('k')]).not.toContain(undefined);
  });

  it('refuses bad options and arguments by name', async () => {
    expect(() => createLock({ namespace: 'a:' })).toThrow(/^namespace:/);
    const { lock } = setUp();
    for (const key of ['', '\0', 'k'.repeat(513)]) await expect(lock.acquire(key)).rejects.toThrow(/^key:/);
    for (const ttl of [0, 2, -1, NaN]) await expect(lock.acquire('k', { ttl })).rejects.toThrow(/^ttl:/);
    await expect(lock.acquire('k', { wait: -1 })).rejects.toThrow(/^wait:/);
    await expect(lock.run('k', 5 as never)).rejects.toThrow(/^fn:/);
    await expect(lock.acquire('k', { signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(await lock.tryAcquire('k')).toBeDefined();
  });
});

describe('createMemoryLockStore', () => {
  it('refuses a key more than maxKeys rather than forget one that is held', async () => {
    const clock = createVirtualClock();
    const store = createMemoryLockStore({ clock, maxKeys: 2 });
    await store.acquire('a', 'o', 5_000);
    await store.acquire('b', 'o', 1_000);
    await expect(store.acquire('c', 'o', 1_000)).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_FULL', retryable: true });
    await clock.advance(1_000);
    expect(await store.acquire('c', 'o', 1_000)).toMatchObject({ acquired: true });
    await expect(store.acquire('d', 'o', 1_000)).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_FULL' });
    expect(clock.pendingTimers).toBe(0);
    expect(() => createMemoryLockStore({ maxKeys: 0 })).toThrow(/^maxKeys:/);
  });
});
