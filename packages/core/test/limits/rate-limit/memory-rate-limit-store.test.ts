import { describe, expect, it } from 'vitest';
import { createMemoryRateLimitStore } from '../../../src/limits/rate-limit/memory-rate-limit-store.ts';
import type { RateLimitRule } from '../../../src/limits/rate-limit/rate-limit-store.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const rule = (changes: Partial<RateLimitRule> = {}): RateLimitRule => {
  const limit = changes.limit ?? 1;
  return { algorithm: 'fixed-window', limit, windowMs: 1_000, burst: limit, blockMs: 0, ...changes };
};

describe('createMemoryRateLimitStore', () => {
  it('sets no timer per key, nor any other', () => {
    const clock = createVirtualClock();
    const store = createMemoryRateLimitStore({ clock });
    for (let i = 0; i < 10_000; i++) store.consume(`k${i}`, rule({ blockMs: 1_000 }), 1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('forgets, when it is full, the key whose usage is over first, and keeps the ones with a longer memory', () => {
    const store = createMemoryRateLimitStore({ clock: createVirtualClock(), maxKeys: 10 });
    store.consume('long', rule({ windowMs: 86_400_000 }), 1);
    for (let i = 0; i < 1_000; i++) store.consume(`short ${i}`, rule(), 1);
    expect(store.consume('long', rule({ windowMs: 86_400_000 }), 1).allowed).toBe(false);
    expect(store.consume('short 0', rule(), 1).allowed).toBe(true);
  });

  it('measures by the monotonic clock, so that a wall clock that is set changes nothing', () => {
    const clock = createVirtualClock();
    const store = createMemoryRateLimitStore({ clock });
    store.consume('k', rule(), 1);
    clock.jumpWall('365d');
    expect(store.consume('k', rule(), 1)).toMatchObject({ allowed: false, retryAfterMs: 1_000 });
  });

  it('keeps its log short whatever penalties come', async () => {
    const clock = createVirtualClock();
    const store = createMemoryRateLimitStore({ clock });
    const sliding = rule({ algorithm: 'sliding-window', limit: 3, windowMs: 1_000_000 });
    for (let i = 0; i < 200; i++) {
      store.adjust('k', sliding, 1);
      await clock.advance(1);
    }
    expect(store.adjust('k', sliding, -198).remaining).toBe(1);
    expect(store.consume('k', sliding, 1).allowed).toBe(true);
  });

  it('refuses bad options', () => {
    for (const maxKeys of [0, 1.5, NaN]) expect(() => createMemoryRateLimitStore({ maxKeys })).toThrow(/^maxKeys:/);
  });
});
