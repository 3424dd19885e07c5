import { describe, expect, it } from 'vitest';
import type { IdempotencyStore } from '../../src/limits/idempotency/idempotency-store.ts';
import { createMemoryIdempotencyStore } from '../../src/limits/idempotency/memory-idempotency-store.ts';
import { idempotencyStoreContract } from '../../src/testing/idempotency-store-contract.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

type Change = (store: IdempotencyStore) => Partial<IdempotencyStore>;

async function failuresOf(change: Change): Promise<string[]> {
  const clock = createVirtualClock();
  const memory = createMemoryIdempotencyStore({ clock });
  const plain: IdempotencyStore = {
    begin: (key, request) => memory.begin(key, request),
    renew: (key, fence, leaseMs) => memory.renew(key, fence, leaseMs),
    complete: (key, fence, value, ttlMs) => memory.complete(key, fence, value, ttlMs),
    release: (key, fence) => memory.release(key, fence),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const store = { ...plain, ...change(plain) };
  const advance = (ms: number): Promise<void> => clock.advance(ms);
  const failed: string[] = [];
  for (const { name, run } of idempotencyStoreContract) {
    await run({ createStore: () => store, sleep: advance, advance }).catch(() => failed.push(name));
  }
  return failed;
}

/** What stores get wrong in practice; each must break a guarantee by name. */
const FAULTS: [string, RegExp, Change][] = [
  ['gives one fence to all', /fences only grow/, (s) => ({ begin: async (...a) => ({ ...(await s.begin(...a)), fence: 1 }) as never })],
  ['ignores the fence in complete', /a stale fence can neither renew nor complete/, () => ({ complete: () => Promise.resolve(true) })],
  ['ignores the fence in renew', /nobody owns a key that was never taken/, () => ({ renew: () => Promise.resolve(true) })],
  ['does nothing on release', /release frees the key/, () => ({ release: () => Promise.resolve(true) })],
  ['does not prolong on renew', /a lease that is renewed/, (s) => ({ renew: async (k, f) => s.renew(k, f, 1) })],
  ['forgets values with the lease', /a value is kept for exactly its time/, (s) => ({ complete: (k, f, v, ttl) => s.complete(k, f, v, Math.min(ttl, 1_000)) })],
  ['never lets a lease run out', /a lease that runs out frees the key/, (s) => ({ begin: (k, r) => s.begin(k, { ...r, leaseMs: 1e9 }) })],
  ['folds case', /keys are told apart exactly/, (s) => ({ begin: (k, r) => s.begin(k.toLowerCase(), r), complete: (k, ...a) => s.complete(k.toLowerCase(), ...a) })],
  ['cuts trailing space', /keys are told apart exactly/, (s) => ({ begin: (k, r) => s.begin(k.trimEnd(), r), complete: (k, ...a) => s.complete(k.trimEnd(), ...a) })],
  ['normalises', /keys are told apart exactly/, (s) => ({ begin: (k, r) => s.begin(k.normalize(), r), complete: (k, ...a) => s.complete(k.normalize(), ...a) })],
  ['cuts long values', /a million characters/, (s) => ({ complete: (k, f, v, ttl) => s.complete(k, f, v.slice(0, 65_535), ttl) })],
  ['loses the fingerprint', /with the fingerprint/, (s) => ({ begin: (k, r) => s.begin(k, { ...r, fingerprint: '' }) })],
];

describe('idempotencyStoreContract', () => {
  it('finds nothing wrong with the memory store', async () => {
    expect(await failuresOf(() => ({}))).toEqual([]);
  });

  it.each(FAULTS)('catches a store that %s', async (_, name, change) => {
    expect(await failuresOf(change)).toContainEqual(expect.stringMatching(name));
  });

  it('names its cases apart', () => {
    const names = idempotencyStoreContract.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('says what a case needs that the harness lacks', async () => {
    const timed = idempotencyStoreContract.find(({ requires }) => requires?.includes('virtual-time'));
    const store = createMemoryIdempotencyStore();
    await expect(timed?.run({ createStore: () => store, sleep: () => Promise.resolve() })).rejects.toThrow(/harness with `advance`/);
  });
});
