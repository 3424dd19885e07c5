import type { IdempotencyStore } from '../limits/idempotency/idempotency-store.ts';
import { expectEqual, expectTrue } from './contract-assert.ts';
import { type IdempotencyCase, LONG_MS, acquire, begin, define, done, withStores } from './idempotency-contract-kit.ts';

/** Who owns a key. */
export const ownershipCases: readonly IdempotencyCase[] = [
  define('a free key is acquired, and seen as busy by everybody else with the fingerprint and time of its owner', async (key, a, b) => {
    await a.begin(key, { owner: 'one', fingerprint: 'print', leaseMs: LONG_MS });
    const reply = await b.begin(key, { owner: 'two', fingerprint: 'other', leaseMs: LONG_MS });
    expectTrue(reply.state === 'busy', `busy, not ${reply.state}`);
    expectEqual(reply.fingerprint, 'print', 'fingerprint of the owner');
    expectTrue(reply.retryAfterMs > 0 && reply.retryAfterMs <= LONG_MS, `retryAfterMs within the lease, not ${reply.retryAfterMs}`);
  }),
  define('keys do not touch each other', async (key, a, b) => {
    const one = await acquire(a, `${key} 1`, 'one');
    const two = await acquire(b, `${key} 2`, 'two');
    expectTrue(await a.complete(`${key} 1`, one, 'v', LONG_MS), 'complete of the first key');
    expectTrue(await b.renew(`${key} 2`, two, LONG_MS), 'the second key to be owned still');
  }),
  define('of many begins made at once by many instances, one acquires the key', async (key, a, b, harness) => {
    await withStores(harness, 6, async (...more) => {
      const stores = [a, b, ...more];
      const replies = await Promise.all(Array.from({ length: 48 }, (_, i) => begin(stores[i % stores.length] as IdempotencyStore, key, `o${i}`)));
      expectEqual(replies.filter(({ state }) => state === 'acquired').length, 1, 'owners');
      expectEqual(replies.filter(({ state }) => state === 'busy').length, 47, 'callers who found it busy');
    });
  }),
  define('begin repeated by the owner answers the same fence, through any instance', async (key, a, b) => {
    const fence = await acquire(a, key, 'one');
    expectEqual(await acquire(a, key, 'one'), fence, 'fence of the repeated begin');
    expectEqual(await acquire(b, key, 'one'), fence, 'fence of the begin repeated elsewhere');
  }),
  define('release frees the key for the next begin, which gets a greater fence', async (key, a, b) => {
    const first = await acquire(a, key, 'one');
    expectTrue(await a.release(key, first), 'release by the owner');
    const second = await acquire(b, key, 'two');
    expectTrue(second > first, `a fence greater than ${first}, not ${second}`);
  }),
  define('fences only grow over many rounds, also for the same owner', async (key, a, b) => {
    let last = -Infinity;
    for (let round = 0; round < 10; round++) {
      const fence = await acquire(round % 2 === 0 ? a : b, key, 'one');
      expectTrue(fence > last, `a fence greater than ${last}, not ${fence}`);
      expectTrue(await a.release(key, fence), 'release by the owner');
      last = fence;
    }
  }),
  define('release repeated, or by a stale fence, does not free the key of the next owner', async (key, a, b) => {
    const stale = await acquire(a, key, 'one');
    await a.release(key, stale);
    const fence = await acquire(b, key, 'two');
    expectEqual(await a.release(key, stale), false, 'release by the stale fence');
    expectEqual((await begin(a, key, 'three')).state, 'busy', 'state of the key');
    expectTrue(await b.renew(key, fence, LONG_MS), 'the owner to own it still');
  }),
];

/** What a stored value does, and what a stale fence cannot. */
export const completionCases: readonly IdempotencyCase[] = [
  define('complete stores the value, and every begin finds it then, with the fingerprint', async (key, a, b) => {
    const reply = await a.begin(key, { owner: 'one', fingerprint: 'print', leaseMs: LONG_MS });
    expectTrue(reply.state === 'acquired', 'the key to be acquired');
    expectTrue(await a.complete(key, reply.fence, 'value', LONG_MS), 'complete by the owner');
    expectEqual(await b.begin(key, { owner: 'two', fingerprint: 'other', leaseMs: LONG_MS }), done('value', 'print'), 'begin by another');
    expectEqual(await begin(a, key, 'one'), done('value', 'print'), 'begin by the owner of before');
  }),
  define('complete repeated with the same fence and value answers true, through any instance', async (key, a, b) => {
    const fence = await acquire(a, key, 'one');
    await a.complete(key, fence, 'value', LONG_MS);
    expectTrue(await a.complete(key, fence, 'value', LONG_MS), 'the repeated complete to answer true');
    expectTrue(await b.complete(key, fence, 'value', LONG_MS), 'the complete repeated elsewhere to answer true');
  }),
  define('complete ends the ownership: renew, release and another value answer false and change nothing', async (key, a, b) => {
    const fence = await acquire(a, key, 'one');
    await a.complete(key, fence, 'value', LONG_MS);
    expectEqual(await a.renew(key, fence, LONG_MS), false, 'renew');
    expectEqual(await a.release(key, fence), false, 'release');
    expectEqual(await a.complete(key, fence, 'another', LONG_MS), false, 'complete with another value');
    expectEqual(await begin(b, key, 'two'), done('value'), 'what is stored');
  }),
  define('a stale fence can neither renew nor complete, and what the new owner stores stands', async (key, a, b) => {
    const stale = await acquire(a, key, 'one');
    await a.release(key, stale);
    const fence = await acquire(b, key, 'two');
    expectEqual(await a.renew(key, stale, LONG_MS), false, 'renew by the stale fence');
    expectEqual(await a.complete(key, stale, 'late', LONG_MS), false, 'complete by the stale fence');
    expectTrue(await b.complete(key, fence, 'value', LONG_MS), 'complete by the owner');
    expectEqual(await a.complete(key, stale, 'value', LONG_MS), false, 'complete by the stale fence with the same value');
    expectEqual(await begin(a, key, 'three'), done('value'), 'what is stored');
  }),
  define('nobody owns a key that was never taken', async (key, a) => {
    expectEqual(await a.renew(key, 1, LONG_MS), false, 'renew');
    expectEqual(await a.complete(key, 1, 'value', LONG_MS), false, 'complete');
    expectEqual(await a.release(key, 1), false, 'release');
    await acquire(a, key, 'one');
  }),
];
