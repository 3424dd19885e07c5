import { expectEqual, expectTrue } from './contract-assert.ts';
import { type IdempotencyCase, LONG_MS, SHORT_MS, acquire, acquireInTime, begin, define, defineTimed, done } from './idempotency-contract-kit.ts';

/** Leases and values end in time, on the store's clock. */
export const expiryCases: readonly IdempotencyCase[] = [
  define('a lease that runs out frees the key: the next owner has a greater fence, and the old one cannot write', async (key, a, b, harness) => {
    const stale = await acquire(a, key, 'one', SHORT_MS);
    const fence = await acquireInTime(b, key, 'two', harness);
    expectTrue(fence > stale, `a fence greater than ${stale}, not ${fence}`);
    expectEqual(await a.renew(key, stale, LONG_MS), false, 'renew by the stale fence');
    expectEqual(await a.complete(key, stale, 'late', LONG_MS), false, 'complete by the stale fence');
    expectEqual(await a.release(key, stale), false, 'release by the stale fence');
    expectTrue(await b.complete(key, fence, 'value', LONG_MS), 'complete by the owner');
  }),
  define('an owner whose lease ran out owns nothing, though nobody took the key since', async (key, a, _, harness) => {
    const fence = await acquire(a, key, 'one', SHORT_MS);
    await harness.sleep(2 * SHORT_MS);
    expectEqual(await a.renew(key, fence, LONG_MS), false, 'renew');
    expectEqual(await a.complete(key, fence, 'late', LONG_MS), false, 'complete');
    const next = await acquire(a, key, 'one');
    expectTrue(next > fence, `a fence greater than ${fence}, not ${next}`);
  }),
  define('a lease that is renewed, by renew or by a repeated begin, holds', async (key, a, b, harness) => {
    const renewed = await acquire(a, `${key} 1`, 'one', SHORT_MS);
    expectTrue(await a.renew(`${key} 1`, renewed, LONG_MS), 'renew by the owner');
    await acquire(a, `${key} 2`, 'one', SHORT_MS);
    await acquire(a, `${key} 2`, 'one', LONG_MS);
    await harness.sleep(2 * SHORT_MS);
    expectEqual((await begin(b, `${key} 1`, 'two')).state, 'busy', 'state of the renewed key');
    expectEqual((await begin(b, `${key} 2`, 'two')).state, 'busy', 'state of the key begun again');
  }),
  define('a value is forgotten after its time, and the key is acquired anew', async (key, a, b, harness) => {
    const stale = await acquire(a, key, 'one');
    await a.complete(key, stale, 'value', SHORT_MS);
    await acquireInTime(b, key, 'two', harness);
    expectEqual(await a.complete(key, stale, 'value', LONG_MS), false, 'complete repeated after the time of the value');
  }),
  defineTimed('a lease holds to its last millisecond and no longer, and says how long', async (key, store, advance) => {
    await acquire(store, key, 'one', 10_000);
    await advance(9_999);
    expectEqual(await begin(store, key, 'two'), { state: 'busy', fingerprint: 'f', retryAfterMs: 1 }, 'the key in its last millisecond');
    await advance(1);
    await acquire(store, key, 'two');
  }),
  defineTimed('renew counts from now, be it for longer or shorter', async (key, store, advance) => {
    const fence = await acquire(store, key, 'one', 10_000);
    await advance(5_000);
    expectTrue(await store.renew(key, fence, 1_000), 'renew by the owner');
    await advance(999);
    expectEqual((await begin(store, key, 'two')).state, 'busy', 'state before the end');
    await advance(1);
    await acquire(store, key, 'two');
  }),
  defineTimed('a value is kept for exactly its time, beyond the lease, and reading it does not prolong that', async (key, store, advance) => {
    await store.complete(key, await acquire(store, key, 'one', 1_000), 'value', 86_400_000);
    await advance(86_399_999);
    expectEqual(await begin(store, key, 'two'), done('value'), 'what is stored in the last millisecond');
    await advance(1);
    await acquire(store, key, 'two');
  }),
];
