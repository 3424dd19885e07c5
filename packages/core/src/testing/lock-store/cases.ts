import type { LockStore } from '../../limits/lock/lock-store.ts';
import { expectEqual, expectTrue } from '../contract-assert.ts';
import type { ContractCase } from '../contract.ts';
import { AWKWARD_TEXTS, LONG_MS, SHORT_MS, type StoreHarness, defineCase, defineTimedCase } from '../store-harness.ts';

/** What `lockStoreContract` needs to know of a store. */
export type LockStoreHarness = StoreHarness<LockStore>;

/** One case of the contract. */
export type LockCase = ContractCase<LockStoreHarness>;

async function take(store: LockStore, key: string, owner: string, ttlMs: number = LONG_MS): Promise<number> {
  const reply = await store.acquire(key, owner, ttlMs);
  expectTrue(reply.acquired, `the key to be free for ${owner}`);
  expectTrue(Number.isSafeInteger(reply.fence), 'a whole number as fence');
  return reply.fence;
}

async function expectHeld(store: LockStore, key: string, message: string): Promise<void> {
  expectTrue(!(await store.acquire(key, 'an onlooker', LONG_MS)).acquired, message);
}

/** Who holds a key. */
export const holdingCases: readonly LockCase[] = [
  defineCase('one takes a free key, and everybody else is told how long to wait', async ({ key, a, b }) => {
    await take(a, key, 'one');
    const reply = await b.acquire(key, 'two', LONG_MS);
    expectTrue(!reply.acquired, 'the key to be held');
    expectTrue(reply.retryAfterMs > 0 && reply.retryAfterMs <= LONG_MS, `retryAfterMs within the time, not ${reply.retryAfterMs}`);
  }),
  defineCase('of many who ask at once through many instances, one gets the key', async ({ key, a, b, open }) => {
    const stores = [a, b, await open(), await open()];
    const replies = await Promise.all(Array.from({ length: 40 }, (_, i) => (stores[i % 4] as LockStore).acquire(key, `owner ${i}`, LONG_MS)));
    expectEqual(replies.filter(({ acquired }) => acquired).length, 1, 'holders');
  }),
  defineCase('acquire repeated by the holder answers the same fence, through any instance', async ({ key, a, b }) => {
    const fence = await take(a, key, 'one');
    expectEqual([await take(a, key, 'one'), await take(b, key, 'one')], [fence, fence], 'fences of the repeated calls');
  }),
  defineCase('only its owner can release a key, and only once', async ({ key, a, b }) => {
    await take(a, key, 'one');
    expectEqual(await b.release(key, 'two'), false, 'release by another');
    await expectHeld(b, key, 'the key to be held still');
    expectEqual([await b.release(key, 'one'), await a.release(key, 'one')], [true, false], 'release by the owner, twice');
    await take(b, key, 'two');
    expectEqual(await a.release(key, 'one'), false, 'release by the owner of before');
    await expectHeld(a, key, 'the key to be held by the next owner');
  }),
  defineCase('only its owner can renew a key', async ({ key, a, b }) => {
    expectEqual(await a.renew(key, 'one', LONG_MS), false, 'renew of a key that nobody holds');
    await take(a, key, 'one');
    expectEqual([await b.renew(key, 'one', LONG_MS), await b.renew(key, 'two', LONG_MS)], [true, false], 'renew by the owner and by another');
    await a.release(key, 'one');
    expectEqual(await a.renew(key, 'one', LONG_MS), false, 'renew after release');
    await take(b, key, 'two');
  }),
  defineCase('fences only grow, for the same owner too, and after every release', async ({ key, a, b }) => {
    let last = -Infinity;
    for (let round = 0; round < 20; round++) {
      const fence = await take(round % 2 === 0 ? a : b, key, `owner ${round % 3}`);
      expectTrue(fence > last, `a fence greater than ${last}, not ${fence}`);
      await a.release(key, `owner ${round % 3}`);
      last = fence;
    }
  }),
  defineCase('keys are told apart exactly, whatever they are made of', async ({ key, a, b }) => {
    const keys = AWKWARD_TEXTS.map((text) => `${key} ${text}`);
    for (const name of keys) await take(a, name, 'one');
    for (const name of keys) await expectHeld(b, name, `${JSON.stringify(name)} to be held`);
    for (const name of keys) expectEqual(await b.release(name, 'one'), true, `release of ${JSON.stringify(name)}`);
  }),
  defineCase('keys of 512 characters and owners of 128 fit and are told apart to the last', async ({ key, a, b }) => {
    const [stem, owner] = [key.padEnd(511, '.'), 'o'.repeat(127)];
    await take(a, `${stem}a`, `${owner}a`);
    await take(a, `${stem}b`, `${owner}a`);
    expectEqual([await b.release(`${stem}a`, `${owner}b`), await b.release(`${stem}a`, `${owner}a`)], [false, true], 'release by another and by the owner');
    await expectHeld(b, `${stem}b`, 'the second key to be held');
  }),
];

/** When a holding ends, on the store's clock. */
export const timeCases: readonly LockCase[] = [
  defineCase('a holder whose time ran out holds nothing, and the next one has a greater fence', async ({ key, a, b, sleep }) => {
    const stale = await take(a, key, 'one', SHORT_MS);
    await sleep(2 * SHORT_MS);
    expectEqual([await a.renew(key, 'one', LONG_MS), await a.release(key, 'one')], [false, false], 'renew and release, though nobody took it since');
    const fence = await take(b, key, 'two');
    expectTrue(fence > stale, `a fence greater than ${stale}, not ${fence}`);
    expectEqual([await a.renew(key, 'one', LONG_MS), await a.release(key, 'one')], [false, false], 'renew and release by the holder of before');
    await expectHeld(a, key, 'the key to be held');
  }),
  defineCase('the same owner who comes back after its time has a greater fence', async ({ key, a, sleep }) => {
    const stale = await take(a, key, 'one', SHORT_MS);
    await sleep(2 * SHORT_MS);
    const fence = await take(a, key, 'one');
    expectTrue(fence > stale, `a fence greater than ${stale}, not ${fence}`);
  }),
  defineCase('a holding that is renewed, by renew or by a repeated acquire, lasts', async ({ key, a, b, sleep }) => {
    await take(a, `${key} 1`, 'one', SHORT_MS);
    expectEqual(await a.renew(`${key} 1`, 'one', LONG_MS), true, 'renew by the owner');
    await take(a, `${key} 2`, 'one', SHORT_MS);
    await take(a, `${key} 2`, 'one', LONG_MS);
    await sleep(2 * SHORT_MS);
    await expectHeld(b, `${key} 1`, 'the renewed key to be held');
    await expectHeld(b, `${key} 2`, 'the key acquired again to be held');
  }),
  defineTimedCase('a holding lasts to its last millisecond and no longer, and says how long', async ({ key, a, advance }) => {
    await take(a, key, 'one', 10_000);
    await advance(9_999);
    expectEqual(await a.acquire(key, 'two', LONG_MS), { acquired: false, retryAfterMs: 1 }, 'the key in its last millisecond');
    await advance(1);
    await take(a, key, 'two');
  }),
  defineTimedCase('renew counts from now, be it for longer or shorter', async ({ key, a, advance }) => {
    await take(a, key, 'one', 10_000);
    await advance(5_000);
    expectEqual(await a.renew(key, 'one', 1_000), true, 'renew by the owner');
    await advance(999);
    await expectHeld(a, key, 'the key to be held before the end');
    await advance(1);
    await take(a, key, 'two');
  }),
];
