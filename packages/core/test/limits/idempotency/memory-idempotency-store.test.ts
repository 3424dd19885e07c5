import { describe, expect, it } from 'vitest';
import { createMemoryIdempotencyStore } from '../../../src/limits/idempotency/memory-idempotency-store.ts';
import { idempotencyStoreContract } from '../../../src/testing/idempotency-store-contract.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

describe('createMemoryIdempotencyStore', () => {
  const clock = createVirtualClock();
  const store = createMemoryIdempotencyStore({ clock });
  const advance = (ms: number): Promise<void> => clock.advance(ms);
  for (const contractCase of idempotencyStoreContract) {
    it(contractCase.name, () => contractCase.run({ createStore: () => store, sleep: advance, advance }));
  }

  const request = (owner: string, leaseMs = 1_000) => ({ owner, fingerprint: 'f', leaseMs });

  it('sets no timer however many keys it holds', async () => {
    const quiet = createVirtualClock();
    const many = createMemoryIdempotencyStore({ clock: quiet });
    for (let i = 0; i < 1_000; i++) await many.begin(`k${i}`, request('o'));
    expect(quiet.pendingTimers).toBe(0);
  });

  it('refuses a key more than maxKeys rather than forget one that is in use', async () => {
    const time = createVirtualClock();
    const small = createMemoryIdempotencyStore({ clock: time, maxKeys: 2 });
    const first = await small.begin('a', request('o', 5_000));
    await small.begin('b', request('o', 1_000));
    await expect(small.begin('c', request('o'))).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_FULL', retryable: true });
    expect(await small.begin('a', request('o', 5_000))).toEqual(first);
    await time.advance(1_000);
    expect(await small.begin('c', request('o'))).toMatchObject({ state: 'acquired' });
    await expect(small.begin('d', request('o'))).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_FULL' });
  });

  it('takes any number of keys over time when each expires', async () => {
    const time = createVirtualClock();
    const small = createMemoryIdempotencyStore({ clock: time, maxKeys: 10 });
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 10; i++) await small.begin(`${round}.${i}`, request('o', 100 + i));
      await time.advance(110);
    }
  });

  it('measures by the monotonic clock, so that a wall clock that is set changes nothing', async () => {
    const time = createVirtualClock();
    const steady = createMemoryIdempotencyStore({ clock: time });
    await steady.begin('a', request('one'));
    time.jumpWall('365d');
    expect(await steady.begin('a', request('two'))).toMatchObject({ state: 'busy', retryAfterMs: 1_000 });
  });

  it('refuses bad options', () => {
    for (const maxKeys of [0, 1.5, NaN]) expect(() => createMemoryIdempotencyStore({ maxKeys })).toThrow(/^maxKeys:/);
  });
});
