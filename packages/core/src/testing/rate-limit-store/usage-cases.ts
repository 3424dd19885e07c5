import type { RateLimitStore } from '../../limits/rate-limit/rate-limit-store.ts';
import { expectEqual, expectTrue } from '../contract-assert.ts';
import { AWKWARD_TEXTS, type CaseBench, defineCase } from '../store-harness.ts';
import { ALGORITHMS, type RateLimitCase, admitted, rule } from './kit.ts';

const MONTH_MS = 30 * 86_400_000;

/** The same case for every algorithm. */
function forEach(name: string, body: (bench: CaseBench<RateLimitStore>, algorithm: (typeof ALGORITHMS)[number]) => Promise<void>): RateLimitCase[] {
  return ALGORITHMS.map((algorithm) => defineCase(`${algorithm}: ${name}`, (bench) => body(bench, algorithm)));
}

/** What is counted, whatever the time. */
export const usageCases: readonly RateLimitCase[] = [
  ...forEach('lets the limit in and refuses the next, and says what is left and when to come back', async ({ key, a, b }, algorithm) => {
    const by = rule(algorithm);
    for (let left = 4; left >= 0; left--) {
      const { allowed, limit, remaining, retryAfterMs, resetMs } = await (left % 2 === 0 ? a : b).consume(key, by, 1);
      expectEqual([allowed, limit, remaining, retryAfterMs], [true, 5, left, 0], 'allowed, limit, remaining and retryAfterMs');
      expectTrue(resetMs > 0 && resetMs <= 60_000, `resetMs within the window, not ${resetMs}`);
    }
    const refused = await a.consume(key, by, 1);
    expectEqual([refused.allowed, refused.remaining], [false, 0], 'allowed and remaining of the next');
    expectTrue(refused.retryAfterMs > 0 && refused.retryAfterMs <= 60_000, `retryAfterMs within the window, not ${refused.retryAfterMs}`);
    expectTrue(Number.isInteger(refused.retryAfterMs) && Number.isInteger(refused.resetMs), 'whole milliseconds');
  }),
  ...forEach('of many calls made at once by many instances, as many as the limit get in', async ({ key, a, b, open }, algorithm) => {
    const stores = [a, b, await open(), await open()];
    const by = rule(algorithm, { limit: 10 });
    const replies = await Promise.all(Array.from({ length: 60 }, async (_, i) => (stores[i % 4] as RateLimitStore).consume(key, by, 1)));
    expectEqual(replies.filter(({ allowed }) => allowed).length, 10, 'calls let in');
  }),
  ...forEach('a cost is taken as a whole or not at all, and what is refused costs nothing', async ({ key, a }, algorithm) => {
    const by = rule(algorithm);
    expectEqual((await a.consume(key, by, 3)).remaining, 2, 'remaining after a cost of 3');
    expectEqual((await a.consume(key, by, 3)).allowed, false, 'a cost of 3 with 2 left to be allowed');
    expectEqual((await a.consume(key, by, 2)).allowed, true, 'a cost of 2 with 2 left to be allowed');
  }),
  ...forEach('peek answers as consume would and takes nothing', async ({ key, a, b }, algorithm) => {
    const by = rule(algorithm);
    expectEqual(await a.peek(key, by, 5), { allowed: true, limit: 5, remaining: 5, resetMs: 0, retryAfterMs: 0 }, 'peek at a new key');
    await a.consume(key, by, 4);
    expectEqual([(await b.peek(key, by, 1)).allowed, (await b.peek(key, by, 2)).allowed], [true, false], 'allowed for costs of 1 and 2');
    expectEqual((await b.peek(key, by, 2)).remaining, 1, 'remaining');
    expectTrue((await b.peek(key, by, 2)).retryAfterMs > 0, 'a retryAfterMs for what does not fit');
  }),
  ...forEach('adjust takes beyond the limit and gives back, but never more than is in use', async ({ key, a, b }, algorithm) => {
    const by = rule(algorithm);
    expectEqual((await a.adjust(key, by, 7)).remaining, 0, 'remaining after a penalty of 7');
    expectEqual((await b.adjust(key, by, -1)).allowed, false, 'a call to be allowed with 6 in use');
    expectEqual((await b.adjust(key, by, -2)).remaining, 1, 'remaining with 4 in use');
    expectEqual((await a.adjust(key, by, -100)).remaining, 5, 'remaining after a reward of 100');
    expectEqual(await admitted(a, key, by, 6), 5, 'calls let in then');
  }),
  ...forEach('reset forgets the usage and the block', async ({ key, a, b }, algorithm) => {
    const by = rule(algorithm, { limit: 1, blockMs: 60_000 });
    expectEqual(await admitted(a, key, by, 3), 1, 'calls let in before');
    await b.reset(key);
    expectEqual(await admitted(a, key, by, 1), 1, 'calls let in after');
  }),
  ...forEach('keys are told apart exactly, whatever they are made of', async ({ key, a, b }, algorithm) => {
    const by = rule(algorithm, { limit: 1 });
    const keys = AWKWARD_TEXTS.map((text) => `${key} ${text}`);
    for (const name of keys) expectEqual((await a.consume(name, by, 1)).allowed, true, `the first call of ${JSON.stringify(name)} to be allowed`);
    for (const name of keys) expectEqual((await b.consume(name, by, 1)).allowed, false, `the second call of ${JSON.stringify(name)} to be allowed`);
  }),
  ...forEach('a window of 30 days limits', async ({ key, a, sleep }, algorithm) => {
    const by = rule(algorithm, { limit: 2, windowMs: MONTH_MS, burst: 2 });
    expectEqual(await admitted(a, key, by, 3), 2, 'calls let in');
    await sleep(50);
    const { allowed, resetMs } = await a.consume(key, by, 1);
    expectEqual(allowed, false, 'a call a moment later to be allowed');
    expectTrue(resetMs > MONTH_MS - 60_000 && resetMs <= MONTH_MS, `resetMs of nearly 30 days, not ${resetMs}`);
  }),
  defineCase('token-bucket: the burst is what can be had at once, be it less or more than the limit', async ({ key, a }) => {
    expectEqual(await admitted(a, `${key} 1`, rule('token-bucket', { burst: 2 }), 9), 2, 'calls let in with a burst of 2');
    expectEqual(await admitted(a, `${key} 2`, rule('token-bucket', { burst: 8 }), 9), 8, 'calls let in with a burst of 8');
  }),
  defineCase('keys of 512 characters fit and are told apart to the last', async ({ key, a }) => {
    const by = rule('fixed-window', { limit: 1 });
    const stem = key.padEnd(511, '.');
    for (const name of [`${stem}a`, `${stem}b`]) expectEqual(await admitted(a, name, by, 2), 1, 'calls let in');
  }),
];
