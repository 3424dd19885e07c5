import { describe, expect, it } from 'vitest';
import { compose } from '../../../src/compose/compose.ts';
import { createRateLimiter } from '../../../src/limits/rate-limit/rate-limiter.ts';
import { type RateLimitLayerOptions, rateLimitLayer } from '../../../src/limits/rate-limit/rate-limit-layer.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

interface Context {
  user?: string;
  size?: number;
  signal?: AbortSignal;
}

function setUp(options: Partial<RateLimitLayerOptions<Context>> = {}) {
  const clock = createVirtualClock();
  const limiter = createRateLimiter({ limit: '2/m', clock });
  const served: string[] = [];
  const call = compose<Context, string>([rateLimitLayer(limiter, { key: ({ user }) => user, ...options }), ({ user = 'nobody' }) => (served.push(user), user)]);
  return { clock, call, served };
}

describe('rateLimitLayer', () => {
  it('lets in what fits and rejects the rest with the time to come back, before anything inside runs', async () => {
    const { call, served } = setUp();
    expect([await call({ user: 'ada' }), await call({ user: 'ada' }), await call({ user: 'bob' })]).toEqual(['ada', 'ada', 'bob']);
    await expect(call({ user: 'ada' })).rejects.toMatchObject({ code: 'ERR_TUNIC_RATE_LIMITED', retryable: true, retryAfterMs: 60_000 });
    expect(served).toEqual(['ada', 'ada', 'bob']);
  });

  it('does not limit calls without a key', async () => {
    const { call, served } = setUp();
    for (let i = 0; i < 5; i++) await call({});
    expect(served).toHaveLength(5);
  });

  it('takes the cost from the context', async () => {
    const { call } = setUp({ cost: ({ size = 1 }) => size });
    await call({ user: 'ada', size: 2 });
    await expect(call({ user: 'ada' })).rejects.toMatchObject({ code: 'ERR_TUNIC_RATE_LIMITED' });
  });

  it('waits when it is told to, until the signal of the call aborts', async () => {
    const { call, clock, served } = setUp({ maxWait: '1h', signal: ({ signal }) => signal });
    const controller = new AbortController();
    await call({ user: 'ada' });
    await call({ user: 'ada' });
    const [waiting, aborted] = [call({ user: 'ada' }), call({ user: 'ada', signal: controller.signal })];
    const rejected = expect(aborted).rejects.toBe('gone');
    controller.abort('gone');
    await rejected;
    await clock.advance('1m');
    expect(await waiting).toBe('ada');
    expect([served.length, clock.pendingTimers]).toEqual([3, 0]);
  });

  it('refuses bad options', () => {
    const limiter = createRateLimiter({ limit: '1/s' });
    expect(() => rateLimitLayer({} as never, { key: () => 'k' })).toThrow(/^limiter:/);
    expect(() => rateLimitLayer(limiter, {} as never)).toThrow(/^key:/);
    expect(() => rateLimitLayer(limiter, { key: () => 'k', maxWait: -1 })).toThrow(/^maxWait:/);
  });
});
