import { describe, expect, it } from 'vitest';
import type { CacheStore } from '../../src/limits/cache/cache-store.ts';
import { createMemoryCacheStore } from '../../src/limits/cache/memory-cache-store.ts';
import type { LockStore } from '../../src/limits/lock/lock-store.ts';
import { createMemoryLockStore } from '../../src/limits/lock/memory-lock-store.ts';
import { createMemoryRateLimitStore } from '../../src/limits/rate-limit/memory-rate-limit-store.ts';
import type { RateLimitStore } from '../../src/limits/rate-limit/rate-limit-store.ts';
import { cacheStoreContract } from '../../src/testing/cache-store-contract.ts';
import type { ContractCase } from '../../src/testing/contract.ts';
import { lockStoreContract } from '../../src/testing/lock-store-contract.ts';
import { rateLimitStoreContract } from '../../src/testing/rate-limit-store-contract.ts';
import type { StoreHarness } from '../../src/testing/store-harness.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const dispose = { [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve() };

function plainRateLimit(clock = createVirtualClock()): RateLimitStore {
  const memory = createMemoryRateLimitStore({ clock });
  return { consume: (...a) => memory.consume(...a), peek: (...a) => memory.peek(...a), adjust: (...a) => memory.adjust(...a), reset: (k) => memory.reset(k), ...dispose };
}

function plainCache(clock = createVirtualClock()): CacheStore {
  const memory = createMemoryCacheStore({ clock });
  return { get: (k) => memory.get(k), set: (...a) => memory.set(...a), delete: (k) => memory.delete(k), clear: (p) => memory.clear(p), ...dispose };
}

function plainLock(clock = createVirtualClock()): LockStore {
  const memory = createMemoryLockStore({ clock });
  return { acquire: (...a) => memory.acquire(...a), renew: (...a) => memory.renew(...a), release: (...a) => memory.release(...a), ...dispose };
}

async function failures<S extends AsyncDisposable>(
  contract: readonly ContractCase<StoreHarness<S>>[],
  create: (clock: ReturnType<typeof createVirtualClock>) => S,
  change: (store: S) => Partial<S>,
): Promise<string[]> {
  const clock = createVirtualClock();
  const plain = create(clock);
  const store = { ...plain, ...change(plain) };
  const advance = (ms: number): Promise<void> => clock.advance(ms);
  const failed: string[] = [];
  for (const { name, run } of contract) await run({ createStore: () => store, sleep: advance, advance }).catch(() => failed.push(name));
  return failed;
}

type Faults<S> = [string, RegExp, (store: S) => Partial<S>][];

/** What stores get wrong in practice; each must break a guarantee by name. */
const RATE_LIMIT: Faults<RateLimitStore> = [
  ['reads first and increments then', /made at once by many instances/, (s) => ({ consume: async (k, r, c) => { const seen = await s.peek(k, r, c); await Promise.resolve(); if (seen.allowed) await s.adjust(k, r, c); return seen; } })],
  ['counts what it refuses', /what is refused costs nothing/, (s) => ({ consume: async (k, r, c) => { const seen = await s.consume(k, r, c); if (!seen.allowed) await s.adjust(k, r, c); return seen; } })],
  ['counts in fixed windows always', /no burst around a boundary/, (s) => ({ consume: (k, r, c) => s.consume(k, { ...r, algorithm: 'fixed-window' }, c) })],
  ['counts a window of 30 days in 32 bits', /a window of 30 days limits/, (s) => ({ consume: (k, r, c) => s.consume(k, { ...r, windowMs: r.windowMs > 2 ** 31 ? 1 : r.windowMs }, c) })],
  ['takes when it peeks', /peek answers as consume/, (s) => ({ peek: (k, r, c) => s.consume(k, r, c) })],
  ['gives back nothing', /adjust takes beyond/, (s) => ({ adjust: (k, r, n) => (n < 0 ? s.peek(k, r, 1) : s.adjust(k, r, n)) })],
  ['forgets nothing on reset', /reset forgets/, () => ({ reset: () => undefined })],
  ['knows no block', /a block begins/, (s) => ({ consume: (k, r, c) => s.consume(k, { ...r, blockMs: 0 }, c) })],
  ['folds case', /keys are told apart exactly/, (s) => ({ consume: (k, r, c) => s.consume(k.toLowerCase(), r, c) })],
  ['ignores the burst', /the burst is what/, (s) => ({ consume: (k, r, c) => s.consume(k, { ...r, burst: r.limit }, c) })],
  ['says a wrong time', /exactly when retryAfterMs says/, (s) => ({ consume: async (k, r, c) => { const reply = await s.consume(k, r, c); return { ...reply, retryAfterMs: reply.retryAfterMs * 2 }; } })],
];

const CACHE: Faults<CacheStore> = [
  ['takes a pattern for a glob', /no character of a pattern but the star/, (s) => ({ clear: (p) => s.clear(p.replaceAll('?', '*')) })],
  ['takes a pattern for a LIKE', /no character of a pattern but the star/, (s) => ({ clear: (p) => s.clear(p.replaceAll('%', '*')) })],
  ['clears everything', /clear removes what matches and nothing else/, (s) => ({ clear: () => s.clear('*') })],
  ['clears nothing', /clear goes through thousands/, () => ({ clear: () => Promise.resolve() })],
  ['forgets stale values', /a value is stale after its time/, (s) => ({ set: (k, v, life) => s.set(k, v, { ...life, staleMs: 0 }) })],
  ['keeps values for ever', /a value is gone after its time/, (s) => ({ set: (k, v, life) => s.set(k, v, { ...life, ttlMs: 1e12 }) })],
  ['prolongs by reading', /reading does not prolong/, (s) => ({ get: async (k) => { const e = await s.get(k); if (e) await s.set(k, e.value, { ttlMs: 10_000, staleMs: 5_000 }); return e; } })],
  ['cuts long values', /a million characters/, (s) => ({ set: (k, v, life) => s.set(k, v.slice(0, 65_535), life) })],
  ['cuts trailing space', /come back exactly/, (s) => ({ get: (k) => s.get(k.trimEnd()), set: (k, ...a) => s.set(k.trimEnd(), ...a) })],
  ['counts a time of 30 days in 32 bits', /a time of 30 days/, (s) => ({ set: (k, v, life) => s.set(k, v, { ...life, ttlMs: life.ttlMs > 2 ** 31 ? 1 : life.ttlMs }) })],
];

const LOCK: Faults<LockStore> = [
  ['looks first and takes then', /of many who ask at once/, (s) => { const held = new Map<string, string>(); return { acquire: async (k, o, ttl) => { const free = !held.has(k); await Promise.resolve(); if (!free) return s.acquire(k, o, ttl); held.set(k, o); return { acquired: true, fence: 1 }; } }; }],
  ['gives one fence to all', /fences only grow/, (s) => ({ acquire: async (...a) => ({ ...(await s.acquire(...a)), fence: 1 }) as never })],
  ['releases for anybody', /only its owner can release/, (s) => ({ release: async (k, o) => (await s.release(k, 'one')) || s.release(k, o) })],
  ['renews for anybody', /only its owner can renew/, () => ({ renew: () => Promise.resolve(true) })],
  ['never lets the time run out', /whose time ran out holds nothing/, (s) => ({ acquire: (k, o) => s.acquire(k, o, 1e12) })],
  ['does not prolong on renew', /a holding that is renewed/, (s) => ({ renew: (k, o) => s.renew(k, o, 1) })],
  ['knows not its own holder', /acquire repeated by the holder/, (s) => { let n = 0; return { acquire: (k, o, ttl) => s.acquire(k, `${o}${++n}`, ttl) }; }],
  ['folds case', /keys are told apart exactly/, (s) => ({ acquire: (k, ...a) => s.acquire(k.toLowerCase(), ...a), release: (k, o) => s.release(k.toLowerCase(), o) })],
];

describe.each([
  ['rateLimitStoreContract', rateLimitStoreContract.map(({ name }) => name), RATE_LIMIT.map(([fault, name, change]) => [fault, name, () => failures(rateLimitStoreContract, plainRateLimit, change)] as const), () => failures(rateLimitStoreContract, plainRateLimit, () => ({}))],
  ['cacheStoreContract', cacheStoreContract.map(({ name }) => name), CACHE.map(([fault, name, change]) => [fault, name, () => failures(cacheStoreContract, plainCache, change)] as const), () => failures(cacheStoreContract, plainCache, () => ({}))],
  ['lockStoreContract', lockStoreContract.map(({ name }) => name), LOCK.map(([fault, name, change]) => [fault, name, () => failures(lockStoreContract, plainLock, change)] as const), () => failures(lockStoreContract, plainLock, () => ({}))],
] as const)('%s', (_, names, faults, sound) => {
  it('finds nothing wrong with the memory store', async () => {
    expect(await sound()).toEqual([]);
  });

  it('names its cases apart, also by the part that makes their keys', () => {
    expect(new Set(names.map((name) => name.slice(0, 120))).size).toBe(names.length);
  });

  it.each(faults)('catches a store that %s', async (_fault, name, run) => {
    expect(await run()).toContainEqual(expect.stringMatching(name));
  });
});

describe('the contracts of limit stores', () => {
  it('say what a case needs that the harness lacks', async () => {
    const timed = lockStoreContract.find(({ requires }) => requires?.includes('virtual-time'));
    const store = createMemoryLockStore();
    await expect(timed?.run({ createStore: () => store, sleep: () => Promise.resolve() })).rejects.toThrow(/harness with `advance`/);
  });
});
