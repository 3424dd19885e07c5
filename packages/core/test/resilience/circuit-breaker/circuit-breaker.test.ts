import { describe, expect, it, vi } from 'vitest';
import { compose } from '../../../src/compose/compose.ts';
import { silentLogger } from '../../../src/logging/logger.ts';
import { circuitBreakerLayer, createCircuitBreaker } from '../../../src/resilience/circuit-breaker/circuit-breaker.ts';
import type { CircuitBreaker, CircuitBreakerOptions, CircuitStateChange } from '../../../src/resilience/circuit-breaker/circuit-breaker-types.ts';
import { timeoutLayer } from '../../../src/resilience/timeout/timeout.ts';
import { createVirtualClock, type VirtualClock } from '../../../src/testing/virtual-clock.ts';

const down = new Error('down');
const REFUSED = { code: 'ERR_TUNIC_CIRCUIT_OPEN', retryable: true };
const fail = (): never => {
  throw down;
};

function setUp(options: CircuitBreakerOptions = {}): { clock: VirtualClock; breaker: CircuitBreaker; changes: CircuitStateChange[] } {
  const clock = createVirtualClock();
  const changes: CircuitStateChange[] = [];
  const onStateChange = (change: CircuitStateChange): void => void changes.push(change);
  return { clock, changes, breaker: createCircuitBreaker({ clock, onStateChange, openFor: '10s', ...options }) };
}

async function failTimes(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await expect(breaker.run(fail)).rejects.toBe(down);
}

/** A call that ends when it is told to. */
function begin(breaker: CircuitBreaker, signal?: AbortSignal): { done: Promise<unknown>; succeed(): Promise<unknown>; fail(): Promise<unknown> } {
  let [resolve, reject]: (() => void)[] = [];
  const operation = (): Promise<void> => new Promise((res, rej) => ((resolve = res), (reject = () => rej(down))));
  const done = breaker.run(operation, { signal }).catch((error: unknown) => error);
  return { done, succeed: () => (resolve?.(), done), fail: () => (reject?.(), done) };
}

describe('a closed circuit', () => {
  it('hands results and errors through unchanged', async () => {
    const { breaker } = setUp();
    expect(await breaker.run(() => 'plain')).toBe('plain');
    expect(await breaker.run((run) => Promise.resolve([run.attempt, run.remainingMs(), run.signal.aborted]))).toEqual([1, Infinity, false]);
    for (const thrown of [down, 'text', undefined]) await expect(breaker.run(() => Promise.reject(thrown as Error))).rejects.toBe(thrown);
  });

  it('takes a synchronous operation that returns undefined for a success', async () => {
    const { breaker } = setUp({ consecutive: 1, failureRate: 0.1, minimumCalls: 1 });
    const returned: unknown[] = [];
    for (let i = 0; i < 20; i++) returned.push(await breaker.run<unknown>(() => undefined));
    expect(returned).toEqual(Array(20).fill(undefined));
    expect(breaker.state).toBe('closed');
  });

  it('opens after so many failures in a row, which any success interrupts', async () => {
    const { breaker, changes } = setUp({ consecutive: 3 });
    await failTimes(breaker, 2);
    await breaker.run(() => 'ok');
    await failTimes(breaker, 2);
    expect(breaker.state).toBe('closed');
    await failTimes(breaker, 1);
    expect(changes).toEqual([{ from: 'closed', to: 'open', openForMs: 10_000 }]);
  });

  it('opens at the rate over the last calls, and not before there are enough', async () => {
    const { breaker } = setUp({ failureRate: 0.5, window: { calls: 4 }, minimumCalls: 4 });
    await failTimes(breaker, 1);
    for (let i = 0; i < 4; i++) await breaker.run(() => 'ok');
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  it('does not let nine old failures and one an hour later open a window of ten seconds', async () => {
    const { breaker, clock } = setUp({ failureRate: 0.9, window: { time: '10s' }, minimumCalls: 10 });
    await failTimes(breaker, 9);
    await clock.advance('1h');
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
    await failTimes(breaker, 9);
    expect(breaker.state).toBe('open');
  });

  it('forgets what has passed out of the window, tenth by tenth', async () => {
    const { breaker, clock } = setUp({ failureRate: 1, window: { time: '10s' }, minimumCalls: 3 });
    for (let second = 0; second < 30; second += 5) {
      await failTimes(breaker, 1);
      await clock.advance('5s');
    }
    expect(breaker.state).toBe('closed');
    await failTimes(breaker, 2);
    expect(breaker.state).toBe('open');
  });

  it('opens on slow calls, whether they fail or not', async () => {
    const { breaker, clock } = setUp({ slowCall: { duration: '1s', rate: 0.5 }, window: { calls: 4 }, minimumCalls: 2 });
    const slow = async (ms: number): Promise<void> => {
      const call = breaker.run(() => clock.sleep(ms));
      await clock.advance(ms);
      await call;
    };
    await slow(999);
    await slow(999);
    await slow(999);
    await slow(1000);
    expect(breaker.state).toBe('closed');
    await slow(1000);
    expect(breaker.state).toBe('open');
  });

  it('does not count failures at all for slow calls alone', async () => {
    const { breaker } = setUp({ slowCall: { duration: '1s', rate: 0.1 }, minimumCalls: 1 });
    await failTimes(breaker, 50);
    expect(breaker.state).toBe('closed');
  });

  it('lets isFailure decide on values and errors', async () => {
    const { breaker } = setUp({ consecutive: 2, isFailure: ({ value, error }) => value === 503 || error === 'bad' });
    await failTimes(breaker, 5);
    expect(await breaker.run(() => 503)).toBe(503);
    expect(breaker.state).toBe('closed');
    await expect(breaker.run(() => Promise.reject('bad'))).rejects.toBe('bad');
    expect(breaker.state).toBe('open');
  });

  it('takes an abort of the caller for neither success nor failure', async () => {
    const { breaker } = setUp({ consecutive: 2 });
    const controller = new AbortController();
    await failTimes(breaker, 1);
    const aborted = breaker.run(({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), {
      signal: controller.signal,
    });
    controller.abort('gone');
    await expect(aborted).rejects.toBe('gone');
    expect(breaker.state).toBe('closed');
    const operation = vi.fn();
    await expect(breaker.run(operation, { signal: controller.signal })).rejects.toBe('gone');
    expect(operation).not.toHaveBeenCalled();
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  it('costs no timer, controller, listener or Error', async () => {
    const { breaker, clock } = setUp({ failureRate: 0.5, consecutive: 3, slowCall: { duration: '1s', rate: 0.5 } });
    const { signal } = new AbortController();
    const costs = [
      vi.spyOn(clock, 'setTimeout'),
      vi.spyOn(signal, 'addEventListener'),
      vi.spyOn(globalThis, 'AbortController'),
      vi.spyOn(Error, 'captureStackTrace'),
    ];
    for (let i = 0; i < 100_000; i++) await breaker.run((run) => run.signal === signal, { signal });
    expect(costs.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0, 0]);
    for (const spy of costs) spy.mockRestore();
  });
});

describe('an open circuit', () => {
  it('refuses without a call and says for how long', async () => {
    const { breaker, clock } = setUp({ consecutive: 1 });
    await failTimes(breaker, 1);
    await clock.advance(3000.5);
    const operation = vi.fn();
    await expect(breaker.run(operation)).rejects.toMatchObject({ ...REFUSED, retryAfterMs: 7000 });
    expect(operation).not.toHaveBeenCalled();
    expect([breaker.state, clock.pendingTimers]).toEqual(['open', 0]);
  });

  it('stays open for longer each time it opens again, and starts over once it was closed', async () => {
    const seen: [number, number][] = [];
    const { breaker, clock, changes } = setUp({
      consecutive: 1,
      openFor: (attempt, previousMs) => (seen.push([attempt, previousMs]), attempt * 1000),
    });
    await failTimes(breaker, 1);
    await clock.advance(1000);
    await failTimes(breaker, 1);
    await clock.advance(2000);
    await breaker.run(() => 'ok');
    await failTimes(breaker, 1);
    expect(seen).toEqual([[1, 0], [2, 1000], [1, 0]]);
    expect(changes.map(({ to, openForMs }) => [to, openForMs])).toEqual([
      ['open', 1000], ['half-open', 0], ['open', 2000], ['half-open', 0], ['closed', 0], ['open', 1000],
    ]);
  });

  it('stays open through the end of calls that began while it was closed', async () => {
    const { breaker, clock } = setUp({ consecutive: 1 });
    const [late, later] = [begin(breaker), begin(breaker)];
    await failTimes(breaker, 1);
    await late.succeed();
    await clock.advance('5s');
    await later.fail();
    await expect(breaker.run(fail)).rejects.toMatchObject({ retryAfterMs: 5000 });
  });

  it('tells the caller when the backoff is broken, and goes on counting', async () => {
    let wait = Number.NaN;
    const { breaker } = setUp({ consecutive: 1, openFor: () => wait });
    await expect(breaker.run(fail)).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION', message: expect.stringMatching(/^openFor: /) as string });
    expect(breaker.state).toBe('closed');
    wait = 5;
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('open');
  });
});

describe('a half-open circuit', () => {
  async function halfOpen(options: CircuitBreakerOptions = {}): Promise<ReturnType<typeof setUp>> {
    const set = setUp({ consecutive: 1, ...options });
    await failTimes(set.breaker, 1);
    await set.clock.advance('10s');
    return set;
  }

  it('lets so many probes run at a time and refuses the rest', async () => {
    const { breaker } = await halfOpen({ halfOpen: { concurrency: 2, successes: 3 } });
    const [one, two] = [begin(breaker), begin(breaker)];
    expect(breaker.state).toBe('half-open');
    expect(await begin(breaker).done).toMatchObject(REFUSED);
    await one.succeed();
    const three = begin(breaker);
    await two.succeed();
    expect(breaker.state).toBe('half-open');
    await three.succeed();
    expect(breaker.state).toBe('closed');
  });

  it('opens again at the first failure, or when too many of its calls have failed', async () => {
    const strict = await halfOpen({ halfOpen: { successes: 5 } });
    await strict.breaker.run(() => 'ok');
    await failTimes(strict.breaker, 1);
    expect(strict.breaker.state).toBe('open');
    const lenient = await halfOpen({ halfOpen: { successes: 2, calls: 4 } });
    await failTimes(lenient.breaker, 2);
    await lenient.breaker.run(() => 'ok');
    expect(lenient.breaker.state).toBe('half-open');
    await failTimes(lenient.breaker, 1);
    expect(lenient.breaker.state).toBe('open');
  });

  it('ignores a failure that began while it was closed, and believes the success of its probe', async () => {
    const { breaker, clock } = setUp({ consecutive: 1 });
    const stale = begin(breaker);
    await failTimes(breaker, 1);
    await clock.advance('10s');
    const probe = begin(breaker);
    await stale.fail();
    expect(breaker.state).toBe('half-open');
    await probe.succeed();
    expect(breaker.state).toBe('closed');
  });

  it('does not close on a success that began while it was closed', async () => {
    const { breaker, clock } = setUp({ consecutive: 1 });
    const stale = begin(breaker);
    await failTimes(breaker, 1);
    await clock.advance('10s');
    const probe = begin(breaker);
    await stale.succeed();
    expect(breaker.state).toBe('half-open');
    await probe.fail();
    expect(breaker.state).toBe('open');
  });

  it('ignores a probe of an earlier half-open phase', async () => {
    const { breaker, clock } = await halfOpen({ halfOpen: { concurrency: 2 } });
    const [stale, probe] = [begin(breaker), begin(breaker)];
    await probe.fail();
    await clock.advance('10s');
    const next = begin(breaker);
    await stale.succeed();
    expect(breaker.state).toBe('half-open');
    const second = begin(breaker);
    expect(await begin(breaker).done).toMatchObject(REFUSED);
    await next.succeed();
    await second.fail();
    expect(breaker.state).toBe('closed');
  });

  it('is never stuck on a probe that hangs: its place passes on, and its end still counts', async () => {
    const { breaker, clock } = await halfOpen({ halfOpen: { timeout: '3s', successes: 2 } });
    const hanging = begin(breaker);
    await clock.advance(2999);
    expect(await begin(breaker).done).toMatchObject(REFUSED);
    await clock.advance(1);
    const next = begin(breaker);
    await hanging.succeed();
    expect(await begin(breaker).done).toMatchObject(REFUSED);
    await next.succeed();
    expect(breaker.state).toBe('closed');
  });

  it('is never stuck on a probe whose caller aborts, even if the operation never ends', async () => {
    const { breaker } = await halfOpen();
    const controller = new AbortController();
    const abandoned = begin(breaker, controller.signal);
    expect(await begin(breaker).done).toMatchObject(REFUSED);
    controller.abort('gone');
    expect(breaker.state).toBe('half-open');
    const probe = begin(breaker);
    await abandoned.fail();
    expect(breaker.state).toBe('half-open');
    await probe.succeed();
    expect(breaker.state).toBe('closed');
  });

  it('frees the place when isFailure throws, which the caller gets', async () => {
    const broken = new Error('predicate');
    let broke = true;
    const { breaker, clock } = setUp({ consecutive: 1, isFailure: ({ error }) => (broke && error === undefined ? fail2() : error !== undefined) });
    const fail2 = (): never => {
      throw broken;
    };
    await failTimes(breaker, 1);
    await clock.advance('10s');
    for (let i = 0; i < 3; i++) await expect(breaker.run(() => 'ok')).rejects.toBe(broken);
    broke = false;
    await breaker.run(() => 'ok');
    expect(breaker.state).toBe('closed');
  });

  it('takes a slow probe for a failed one', async () => {
    const { breaker, clock } = await halfOpen({ slowCall: { duration: 50, rate: 1 } });
    const probe = breaker.run(() => clock.sleep(50));
    await clock.advance(50);
    await probe;
    expect(breaker.state).toBe('open');
  });

  it('leaves no listener on the signals of its probes', async () => {
    const { breaker, clock } = await halfOpen({ halfOpen: { concurrency: 3, successes: 100_000, timeout: 10 } });
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    for (let i = 0; i < 99_999; i++) await breaker.run(() => i, { signal });
    expect(add.mock.calls.length).toBe(99_999);
    const hanging = [begin(breaker, signal), begin(breaker, signal)];
    await clock.advance(10);
    await breaker.run(() => 'the last that is needed', { signal });
    expect([breaker.state, clock.pendingTimers, hanging.length]).toEqual(['closed', 0, 2]);
    expect(add.mock.calls.length).toBe(remove.mock.calls.length);
  });
});

describe('control', () => {
  it('isolates until everyone has released, and is closed then', async () => {
    const { breaker, changes } = setUp({ consecutive: 1 });
    const stale = begin(breaker);
    const [one, two] = [breaker.isolate(), breaker.isolate()];
    await expect(breaker.run(() => 'ok')).rejects.toMatchObject({ ...REFUSED, retryAfterMs: undefined });
    await stale.fail();
    one.release();
    one.release();
    expect(breaker.state).toBe('isolated');
    two[Symbol.dispose]();
    expect(await breaker.run(() => 'ok')).toBe('ok');
    expect(changes.map(({ from, to }) => [from, to])).toEqual([['closed', 'isolated'], ['isolated', 'closed']]);
  });

  it('resets from every state and forgets what is under way', async () => {
    const { breaker, clock } = setUp({ consecutive: 2 });
    await failTimes(breaker, 1);
    const stale = begin(breaker);
    breaker.reset();
    await stale.fail();
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
    await failTimes(breaker, 1);
    breaker.reset();
    expect(breaker.state).toBe('closed');
    const isolation = breaker.isolate();
    breaker.reset();
    await failTimes(breaker, 2);
    isolation.release();
    expect(breaker.state).toBe('open');
    await clock.advance('10s');
    const probe = begin(breaker);
    breaker.reset();
    await probe.fail();
    expect(breaker.state).toBe('closed');
  });

  it('sends what a listener throws to the logger and goes on', async () => {
    const error = vi.fn();
    const { breaker } = setUp({ consecutive: 1, logger: { ...silentLogger, error }, onStateChange: fail });
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('open');
    expect(error).toHaveBeenCalledOnce();
  });
});

describe('state as JSON', () => {
  const restart = (breaker: CircuitBreaker, options: CircuitBreakerOptions): CircuitBreaker =>
    createCircuitBreaker({ ...options, state: JSON.parse(JSON.stringify(breaker)) as never });

  it('carries an open circuit with the time that is left and its openings', async () => {
    const openFor = (attempt: number): number => attempt * 10_000;
    const { breaker, clock } = setUp({ consecutive: 1, openFor });
    await failTimes(breaker, 1);
    await clock.advance('4s');
    const next = createVirtualClock({ now: clock.now() + 1000 });
    const copy = restart(breaker, { consecutive: 1, openFor, clock: next });
    await expect(copy.run(fail)).rejects.toMatchObject({ ...REFUSED, retryAfterMs: 5000 });
    await next.advance('5s');
    await failTimes(copy, 1);
    await expect(copy.run(fail)).rejects.toMatchObject({ retryAfterMs: 20_000 });
    await next.advance('20s');
    const probe = begin(copy);
    const again = restart(copy, { consecutive: 1, openFor, clock: next });
    expect(again.state).toBe('open');
    await again.run(() => 'ok');
    expect(again.state).toBe('closed');
    await probe.fail();
    expect([copy.state, again.state]).toEqual(['open', 'closed']);
  });

  it('never waits longer than it was opened for when the wall clock was set back', async () => {
    const { breaker, clock } = setUp({ consecutive: 1 });
    await failTimes(breaker, 1);
    const copy = restart(breaker, { consecutive: 1, clock: createVirtualClock({ now: clock.now() - 86_400_000 }) });
    await expect(copy.run(fail)).rejects.toMatchObject({ retryAfterMs: 10_000 });
  });

  it.each([{ window: { calls: 5 } }, { window: { time: '10s' } }, { consecutive: 5 }] as CircuitBreakerOptions[])(
    'carries what was counted: %o',
    async (kind) => {
      const options = { failureRate: 1, minimumCalls: 5, ...kind };
      const { breaker, clock } = setUp(options);
      await breaker.run(() => 'ok');
      await clock.advance('9s');
      await failTimes(breaker, 4);
      const copy = restart(breaker, { ...options, clock });
      await clock.advance('1s');
      await failTimes(copy, 1);
      expect(copy.state).toBe('open');
    },
  );

  it('drops what passed out of the window meanwhile', async () => {
    const options = { failureRate: 1, minimumCalls: 5, window: { time: '10s' } } as const;
    const { breaker, clock } = setUp(options);
    await failTimes(breaker, 4);
    await clock.advance('11s');
    const copy = restart(breaker, { ...options, clock });
    await failTimes(copy, 1);
    expect(copy.state).toBe('closed');
  });

  it('refuses what is no state', () => {
    const good = createCircuitBreaker().toJSON();
    const bad = [null, 'open', {}, { ...good, state: 'ajar' }, { ...good, probeAt: null }, { ...good, openings: -1 }, { ...good, window: 1 }];
    for (const state of [...bad, { ...good, window: { calls: '012x' } }, { ...good, window: { buckets: [[1, 2, 3]] } }])
      expect(() => createCircuitBreaker({ state: state as never })).toThrow(/^state: expected what toJSON\(\) gave/);
  });
});

describe('options', () => {
  it.each([
    [{ failureRate: 0 }, 'failureRate'],
    [{ failureRate: 1.1 }, 'failureRate'],
    [{ consecutive: 0 }, 'consecutive'],
    [{ slowCall: { duration: '1s', rate: 2 } }, 'slowCall.rate'],
    [{ slowCall: { duration: -1, rate: 1 } }, 'slowCall.duration'],
    [{ window: { calls: 0 } }, 'window.calls'],
    [{ window: { time: 0 } }, 'window.time'],
    [{ window: {} as never }, 'window'],
    [{ window: { calls: 5 }, minimumCalls: 6 }, 'minimumCalls'],
    [{ openFor: 'soon' as never }, 'openFor'],
    [{ halfOpen: { concurrency: 0 } }, 'halfOpen.concurrency'],
    [{ halfOpen: { successes: 3, calls: 2 } }, 'halfOpen.calls'],
    [{ halfOpen: { timeout: NaN } }, 'halfOpen.timeout'],
    [{ isFailure: 1 as never }, 'isFailure'],
    [{ onStateChange: 1 as never }, 'onStateChange'],
  ] as [CircuitBreakerOptions, string][])('%o is refused by name', (options, name) => {
    expect(() => createCircuitBreaker(options)).toThrow(new RegExp(`^${name.replace('.', '\\.')}: expected `));
  });

  it('by default opens at half of at least ten calls, for thirty seconds', async () => {
    const clock = createVirtualClock();
    const breaker = createCircuitBreaker({ clock });
    for (let i = 0; i < 5; i++) await breaker.run(() => 'ok');
    await failTimes(breaker, 4);
    expect(breaker.state).toBe('closed');
    await failTimes(breaker, 1);
    await expect(breaker.run(fail)).rejects.toMatchObject({ retryAfterMs: 30_000 });
  });
});

describe('circuitBreakerLayer', () => {
  it('guards what is inside, time-outs included, with a signal from the context', async () => {
    const { breaker, clock } = setUp({ consecutive: 1 });
    const call = compose<{ signal?: AbortSignal }, string>([
      circuitBreakerLayer(breaker, { signal: (context) => context.signal }),
      timeoutLayer(100, { clock }),
    ]);
    expect(await call({}, () => 'ok')).toBe('ok');
    await expect(call({ signal: AbortSignal.abort('off') }, () => 'ok')).rejects.toBe('off');
    const slow = call({}, () => new Promise(() => undefined)).catch((error: unknown) => error);
    await clock.advance(100);
    expect(await slow).toMatchObject({ code: 'ERR_TUNIC_TIMEOUT' });
    await expect(call({}, () => 'ok')).rejects.toMatchObject(REFUSED);
    await expect(compose([circuitBreakerLayer(breaker)])({})).rejects.toMatchObject(REFUSED);
    expect(() => circuitBreakerLayer({} as never)).toThrow(/^breaker: /);
  });
});
