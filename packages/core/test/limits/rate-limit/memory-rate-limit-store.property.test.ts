import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryRateLimitStore } from '../../../src/limits/rate-limit/memory-rate-limit-store.ts';
import type { RateLimitAlgorithm, RateLimitRule } from '../../../src/limits/rate-limit/rate-limit-store.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

interface Model {
  waitMs(now: number, cost: number): number;
  add(now: number, amount: number): void;
}

/** Counts one entry per unit, the plain way. */
function naiveSlidingWindow({ limit, windowMs }: RateLimitRule): Model {
  let units: number[] = [];
  return {
    waitMs: (now, cost) => {
      units = units.filter((at) => at + windowMs > now);
      const lacking = units.length + cost - limit;
      return lacking <= 0 ? 0 : (units[lacking - 1] ?? 0) + windowMs - now;
    },
    add: (now, amount) => {
      units = units.filter((at) => at + windowMs > now);
      for (let i = 0; i < amount; i++) units.push(now);
      if (amount < 0) units.splice(Math.max(0, units.length + amount));
    },
  };
}

function naiveFixedWindow({ limit, windowMs }: RateLimitRule): Model {
  let [start, used] = [0, 0];
  const settle = (now: number): void => {
    if (used === 0 || now - start >= windowMs) [start, used] = [now, 0];
  };
  return {
    waitMs: (now, cost) => (settle(now), used + cost > limit ? start + windowMs - now : 0),
    add: (now, amount) => (settle(now), void (used = Math.max(0, used + amount))),
  };
}

/** GCRA by its theoretical arrival time, in exact fractions: all times times `limit`, as big integers. */
function naiveTokenBucket({ limit, windowMs, burst }: RateLimitRule): Model {
  const [perMs, perToken, room] = [BigInt(limit), BigInt(windowMs), BigInt(burst) * BigInt(windowMs)];
  const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  let arrival = 0n;
  return {
    waitMs: (now, cost) => {
      const over = max(arrival, BigInt(now) * perMs) + BigInt(cost) * perToken - BigInt(now) * perMs - room;
      return over <= 0n ? 0 : Number((over + perMs - 1n) / perMs);
    },
    add: (now, amount) => {
      const at = BigInt(now) * perMs;
      arrival = max(at, max(arrival, at) + BigInt(amount) * perToken);
    },
  };
}

const MODELS: Record<RateLimitAlgorithm, (rule: RateLimitRule) => Model> = {
  'fixed-window': naiveFixedWindow,
  'sliding-window': naiveSlidingWindow,
  'token-bucket': naiveTokenBucket,
};
const ALGORITHMS = Object.keys(MODELS) as RateLimitAlgorithm[];

const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('pass' as const), ms: fc.nat(400) }),
    fc.record({ type: fc.constant('consume' as const), cost: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ type: fc.constant('adjust' as const), cost: fc.integer({ min: -6, max: 6 }) }),
    fc.record({ type: fc.constant('peek' as const), cost: fc.integer({ min: 1, max: 4 }) }),
  ),
  { maxLength: 60 },
);

const rules = (algorithm: RateLimitAlgorithm) =>
  fc.record({ limit: fc.integer({ min: 4, max: 12 }), windowMs: fc.integer({ min: 1, max: 1_000 }), burst: fc.integer({ min: 4, max: 15 }) }).map(
    ({ limit, windowMs, burst }): RateLimitRule => ({ algorithm, limit, windowMs, burst: algorithm === 'token-bucket' ? burst : limit, blockMs: 0 }),
  );

describe.each(ALGORITHMS)('%s in memory', (algorithm) => {
  it('decides as the naive model does, and says when there is room to the millisecond', async () => {
    await fc.assert(
      fc.asyncProperty(rules(algorithm), steps, async (rule, plan) => {
        const clock = createVirtualClock();
        const store = createMemoryRateLimitStore({ clock });
        const model = MODELS[algorithm](rule);
        for (const step of plan) {
          const now = clock.monotonic();
          if (step.type === 'pass') await clock.advance(step.ms);
          else if (step.type === 'adjust') {
            store.adjust('k', rule, step.cost);
            model.add(now, step.cost);
          } else {
            const waitMs = model.waitMs(now, step.cost);
            const { allowed, retryAfterMs } = store[step.type]('k', rule, step.cost);
            expect([allowed, retryAfterMs]).toEqual([waitMs === 0, waitMs]);
            if (allowed && step.type === 'consume') model.add(now, step.cost);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

const bursts = fc.array(fc.record({ gapMs: fc.oneof(fc.nat(3), fc.nat(300)), calls: fc.integer({ min: 1, max: 40 }) }), { minLength: 5, maxLength: 40 });

/** The most that was let in within any stretch of the length of the window, its end left out. */
function most(admitted: readonly { at: number; count: number }[], windowMs: number): number {
  return Math.max(0, ...admitted.map(({ at: from }) => admitted.filter(({ at }) => at >= from && at < from + windowMs).reduce((sum, { count }) => sum + count, 0)));
}

async function letIn(rule: RateLimitRule, plan: readonly { gapMs: number; calls: number }[]): Promise<{ at: number; count: number }[]> {
  const clock = createVirtualClock();
  const store = createMemoryRateLimitStore({ clock });
  const admitted = [];
  for (const { gapMs, calls } of plan) {
    await clock.advance(gapMs);
    const count = Array.from({ length: calls }, () => store.consume('k', rule, 1)).filter(({ allowed }) => allowed).length;
    admitted.push({ at: clock.monotonic(), count });
  }
  return admitted;
}

describe('in any stretch as long as the window', () => {
  const bounds: [string, fc.Arbitrary<RateLimitRule>, (rule: RateLimitRule) => number][] = [
    ['a small sliding window lets in the limit at most', rules('sliding-window'), ({ limit }) => limit],
    ['a large sliding window does too', rules('sliding-window').map((rule) => ({ ...rule, limit: rule.limit + 65, burst: rule.limit + 65 })), ({ limit }) => limit],
    ['a token bucket lets in limit + burst - 1 at most', rules('token-bucket'), ({ limit, burst }) => limit + burst - 1],
    ['a token bucket with a burst of 1 lets in the limit at most', rules('token-bucket').map((rule) => ({ ...rule, burst: 1 })), ({ limit }) => limit],
    ['a fixed window lets in twice the limit at most', rules('fixed-window'), ({ limit }) => 2 * limit],
  ];
  it.each(bounds)('%s', async (_, arbitrary, bound) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, bursts, async (rule, plan) => {
        expect(most(await letIn(rule, plan), rule.windowMs)).toBeLessThanOrEqual(bound(rule));
      }),
      { numRuns: 100 },
    );
  });
});
