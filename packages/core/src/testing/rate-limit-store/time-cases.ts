import { expectEqual, expectTrue } from '../contract-assert.ts';
import { defineCase, defineTimedCase } from '../store-harness.ts';
import { ALGORITHMS, type RateLimitCase, admitted, rule } from './kit.ts';

/** What the passing of time gives back, on the store's clock. */
export const timeCases: readonly RateLimitCase[] = [
  ...ALGORITHMS.map((algorithm): RateLimitCase =>
    defineCase(`${algorithm}: after the window everything is available again`, async ({ key, a, b, sleep }) => {
      const by = rule(algorithm, { windowMs: 500 });
      expectEqual(await admitted(a, key, by, 5), 5, 'calls let in at first');
      await sleep(600);
      expectEqual((await b.peek(key, by, 5)).remaining, 5, 'remaining after the window');
      expectEqual(await admitted(b, key, by, 5), 5, 'calls let in then');
    }),
  ),
  ...ALGORITHMS.map((algorithm): RateLimitCase =>
    defineTimedCase(`${algorithm}: room comes back exactly when retryAfterMs says`, async ({ key, a, advance }) => {
      const by = rule(algorithm, { windowMs: 10_000 });
      await a.consume(key, by, 3);
      await advance(1_000);
      await a.consume(key, by, 2);
      const { allowed, retryAfterMs } = await a.consume(key, by, 2);
      expectEqual(allowed, false, 'allowed with nothing left');
      await advance(retryAfterMs - 1);
      expectEqual((await a.consume(key, by, 2)).allowed, false, 'allowed a millisecond before');
      await advance(1);
      expectEqual((await a.consume(key, by, 2)).allowed, true, 'allowed at the moment');
    }),
  ),
  ...ALGORITHMS.map((algorithm): RateLimitCase =>
    defineTimedCase(`${algorithm}: a block begins with the first refusal, is not prolonged by more, and ends`, async ({ key, a, b, advance }) => {
      const by = rule(algorithm, { windowMs: 1_000, blockMs: 10_000 });
      expectEqual(await admitted(a, key, by, 6), 5, 'calls let in');
      await advance(4_000);
      const { allowed, remaining, retryAfterMs, resetMs } = await b.consume(key, by, 1);
      expectEqual([allowed, remaining, retryAfterMs, resetMs], [false, 0, 6_000, 6_000], 'allowed, remaining, retryAfterMs and resetMs in the block');
      await advance(6_000);
      expectEqual(await admitted(b, key, by, 5), 5, 'calls let in after the block');
    }),
  ),
  defineTimedCase('fixed-window: the window begins with the first use, and around its end twice the limit gets in', async ({ key, a, advance }) => {
    const by = rule('fixed-window', { windowMs: 10_000 });
    expectEqual(await admitted(a, key, by, 1), 1, 'calls let in at the start');
    await advance(9_999);
    expectEqual(await admitted(a, key, by, 9), 4, 'calls let in at the end of the window');
    await advance(1);
    expectEqual(await admitted(a, key, by, 9), 5, 'calls let in at the start of the next');
  }),
  defineTimedCase('sliding-window: no burst around a boundary', async ({ key, a, advance }) => {
    const by = rule('sliding-window', { windowMs: 10_000 });
    expectEqual(await admitted(a, key, by, 1), 1, 'calls let in at the start');
    await advance(9_999);
    expectEqual(await admitted(a, key, by, 9), 4, 'calls let in before the first is a window old');
    await advance(1);
    expectEqual(await admitted(a, key, by, 9), 1, 'calls let in when it is');
  }),
  defineTimedCase('sliding-window: of a large limit too, never more get in within a window, and room is at most 1/64 late', async ({ key, a, advance }) => {
    const by = rule('sliding-window', { limit: 640, windowMs: 64_000 });
    await advance(333);
    expectEqual((await a.consume(key, by, 640)).allowed, true, 'all of it at once to be allowed');
    await advance(63_999);
    expectEqual((await a.consume(key, by, 1)).allowed, false, 'allowed before the end of the window');
    await advance(1_001);
    expectEqual((await a.consume(key, by, 640)).allowed, true, 'all of it allowed a step after the window');
  }),
  defineTimedCase('token-bucket: the flow is even, and a full bucket does not overflow', async ({ key, a, advance }) => {
    const by = rule('token-bucket', { windowMs: 10_000 });
    await advance(100_000);
    expectEqual(await admitted(a, key, by, 9), 5, 'calls let in at first');
    for (let round = 0; round < 5; round++) {
      await advance(2_000);
      expectEqual(await admitted(a, key, by, 3), 1, 'calls let in every fifth of the window');
    }
  }),
  defineTimedCase('token-bucket: no token is lost in rounding', async ({ key, a, advance }) => {
    const by = rule('token-bucket', { limit: 7, windowMs: 1_000 });
    expectEqual(await admitted(a, key, by, 8), 7, 'calls let in at first');
    let count = 0;
    for (let round = 0; round < 100; round++) {
      await advance(70);
      count += await admitted(a, key, by, 2);
    }
    expectTrue(count === 49, `49 more in seven windows, not ${count}`);
  }),
];
