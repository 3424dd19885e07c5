import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { TunicError, isTunicError } from '../../../src/errors/tunic-error.ts';
import { createContextKey, runWithContext } from '../../../src/context/context.ts';
import type { IdempotentRun } from '../../../src/limits/idempotency/held-key.ts';
import { type IdempotencyOptions, createIdempotency } from '../../../src/limits/idempotency/idempotency.ts';
import type { IdempotencyStore } from '../../../src/limits/idempotency/idempotency-store.ts';
import { createMemoryIdempotencyStore } from '../../../src/limits/idempotency/memory-idempotency-store.ts';
import { silentLogger } from '../../../src/logging/logger.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

function setUp(options: IdempotencyOptions = {}, change: (store: IdempotencyStore) => Partial<IdempotencyStore> = () => ({})) {
  const clock = createVirtualClock();
  const memory = createMemoryIdempotencyStore({ clock });
  const plain: IdempotencyStore = {
    begin: (key, request) => memory.begin(key, request),
    renew: (key, fence, leaseMs) => memory.renew(key, fence, leaseMs),
    complete: (key, fence, value, ttlMs) => memory.complete(key, fence, value, ttlMs),
    release: (key, fence) => memory.release(key, fence),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const store = { ...plain, ...change(plain) };
  const create = () => createIdempotency({ store, clock, lease: '30s', ...options });
  return { clock, store, plain, create, idempotency: create() };
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('createIdempotency', () => {
  it('runs fn once and replays its value', async () => {
    const { idempotency, clock } = setUp();
    const fn = vi.fn(() => Promise.resolve({ n: 1 }));
    expect(await idempotency.run('k', fn)).toEqual({ value: { n: 1 }, replayed: false });
    expect(await idempotency.run('k', fn)).toEqual({ value: { n: 1 }, replayed: true });
    expect([fn.mock.calls.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('runs fn once for a burst of calls, and the others share one wait instead of polling', async () => {
    const begin = vi.fn();
    const { idempotency, clock } = setUp({}, (store) => ({ begin: (...args) => (begin(), store.begin(...args)) }));
    const work = deferred<string>();
    const fn = vi.fn(() => work.promise);
    const calls = Array.from({ length: 100 }, () => idempotency.run('k', fn));
    await clock.advance('5s');
    work.resolve('v');
    const results = await Promise.all(calls);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(results.map(({ value }) => value))).toEqual(new Set(['v']));
    expect([fn.mock.calls.length, begin.mock.calls.length, clock.pendingTimers]).toEqual([1, 1, 0]);
  });

  it('runs fn once for a burst over several objects on one store', async () => {
    const { create, clock } = setUp();
    const fn = vi.fn(() => clock.sleep('2s').then(() => 'v'));
    const objects = Array.from({ length: 5 }, create);
    const calls = Array.from({ length: 50 }, (_, i) => (objects[i % 5] ?? create()).run('k', fn));
    await clock.advance('3s');
    const results = await Promise.all(calls);
    expect(results.filter((result) => !result.replayed)).toHaveLength(1);
    expect([fn.mock.calls.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('keeps keys apart', async () => {
    const { idempotency } = setUp();
    const values = await Promise.all(['a', 'b', '__proto__'].map((key) => idempotency.run(key, () => key)));
    expect(values.map(({ value }) => value)).toEqual(['a', 'b', '__proto__']);
  });

  it('forgets the value after ttl', async () => {
    const { idempotency, clock } = setUp({ ttl: '1h' });
    let runs = 0;
    const fn = (): number => ++runs;
    await idempotency.run('k', fn);
    await clock.advance(3_599_999);
    expect(await idempotency.run('k', fn)).toEqual({ value: 1, replayed: true });
    await clock.advance(1);
    expect(await idempotency.run('k', fn)).toEqual({ value: 2, replayed: false });
  });

  it('replays null, undefined, false and text as they are', async () => {
    const { idempotency } = setUp();
    for (const value of [null, undefined, false, 0, '', 'text', [1], { a: { b: [null] } }]) {
      const key = `k${JSON.stringify(value)}`;
      expect(await idempotency.run(key, () => value)).toEqual({ value, replayed: false });
      expect(await idempotency.run(key, () => 'other')).toEqual({ value, replayed: true });
    }
  });

  it('says clearly that a value is no JSON, and frees the key', async () => {
    const { idempotency } = setUp();
    const circle: { self?: object } = {};
    circle.self = circle;
    for (const value of [5n, circle, () => 1, Symbol('s')]) {
      await expect(idempotency.run('k', () => value)).rejects.toThrow(/^value of fn: expected a value that JSON can hold/);
    }
    expect(await idempotency.run('k', () => 'fine')).toEqual({ value: 'fine', replayed: false });
  });

  it('runs fn in the context of its own caller', async () => {
    const user = createContextKey<string>('user');
    const { create, clock } = setUp();
    const seen: unknown[] = [];
    const [one, two] = [create(), create()];
    const failing = runWithContext([[user, 'ada']], () => one.run('k', () => clock.sleep(10).then(() => Promise.reject(new Error(user.get())))));
    const waiting = runWithContext([[user, 'bob']], () => two.run('k', () => void seen.push(user.get())));
    void failing.catch((error: unknown) => seen.push((error as Error).message));
    await clock.advance('1s');
    await waiting;
    expect(seen).toEqual(['ada', 'bob']);
  });

  it('refuses bad keys, fingerprints, functions and options by name', async () => {
    const { idempotency } = setUp();
    for (const key of ['', 'x'.repeat(513), 'a\0', '\ud800', 5 as never]) await expect(idempotency.run(key, () => 1)).rejects.toThrow(/^key:/);
    await expect(idempotency.run('k', () => 1, { fingerprint: '\0' })).rejects.toThrow(/^fingerprint:/);
    await expect(idempotency.run('k', 5 as never)).rejects.toThrow(/^fn:/);
    expect(() => createIdempotency({ ttl: 0 })).toThrow(/^ttl:/);
    expect(() => createIdempotency({ lease: 'soon' as never })).toThrow(/^lease:/);
    expect(() => createIdempotency({ inFlight: 'maybe' as never })).toThrow(/^inFlight:/);
  });
});

describe('a failing fn', () => {
  it('rejects with its own error, thrown or rejected, and frees the key', async () => {
    const { idempotency, clock } = setUp();
    const error = new Error('declined');
    await expect(idempotency.run('k', () => Promise.reject(error))).rejects.toBe(error);
    await expect(
      idempotency.run('k', () => {
        throw error;
      }),
    ).rejects.toBe(error);
    expect(await idempotency.run('k', () => 'v')).toEqual({ value: 'v', replayed: false });
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets those who wait try themselves, one at a time', async () => {
    const { create, clock } = setUp();
    const [here, there] = [create(), create()];
    let running = 0;
    let most = 0;
    const attempt = (outcome: string) => async (): Promise<string> => {
      most = Math.max(most, ++running);
      await clock.sleep(100);
      running--;
      if (outcome === 'fail') throw new Error('declined');
      return outcome;
    };
    const outcomes = Promise.allSettled([here.run('k', attempt('fail')), here.run('k', attempt('fail')), there.run('k', attempt('v')), here.run('k', attempt('w'))]);
    await clock.advance('10s');
    const settled = await outcomes;
    const values = settled.flatMap((o) => (o.status === 'fulfilled' ? [o.value.value] : []));
    expect(most).toBe(1);
    expect(values.length).toBeGreaterThanOrEqual(2);
    expect(new Set(values).size).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('fingerprints', () => {
  it('refuse the key to another request, done or still at work, here and elsewhere', async () => {
    const { create, clock } = setUp();
    const [here, there] = [create(), create()];
    const running = here.run('k', () => clock.sleep('1s'), { fingerprint: 'EUR 20' });
    await clock.advance(0);
    for (const object of [here, there]) {
      await expect(object.run('k', () => 1, { fingerprint: 'EUR 30' })).rejects.toMatchObject({ code: 'ERR_TUNIC_IDEMPOTENCY_MISMATCH', retryable: false });
    }
    await clock.advance('1s');
    await running;
    for (const object of [here, there]) {
      await expect(object.run('k', () => 1, { fingerprint: 'EUR 30' })).rejects.toMatchObject({ code: 'ERR_TUNIC_IDEMPOTENCY_MISMATCH' });
      expect(await object.run('k', () => 1, { fingerprint: 'EUR 20' })).toEqual({ value: undefined, replayed: true });
    }
  });
});

describe("inFlight: 'reject'", () => {
  it('rejects at once while the key is at work, here and elsewhere, and says when to come again', async () => {
    const { create, clock } = setUp({ inFlight: 'reject' });
    const [here, there] = [create(), create()];
    const running = here.run('k', () => clock.sleep('1s').then(() => 'v'));
    await clock.advance(0);
    for (const object of [here, there]) {
      const error = await object.run('k', () => 'w').catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'ERR_TUNIC_IDEMPOTENCY_IN_PROGRESS', retryable: true, retryAfterMs: 30_000 });
    }
    await clock.advance('1s');
    expect(await running).toEqual({ value: 'v', replayed: false });
    expect(await here.run('k', () => 'w')).toEqual({ value: 'v', replayed: true });
  });

  it('rejects all of a burst but the one that runs', async () => {
    const { idempotency, clock } = setUp({ inFlight: 'reject' });
    const owner = idempotency.run('k', () => clock.sleep('1s').then(() => 'v'));
    const others = Promise.allSettled([1, 2, 3].map(() => idempotency.run('k', () => 'w')));
    const outcomes = await others;
    expect(outcomes.map((o) => o.status === 'rejected' && isTunicError(o.reason, 'ERR_TUNIC_IDEMPOTENCY_IN_PROGRESS'))).toEqual([true, true, true]);
    await clock.advance('1s');
    expect((await owner).value).toBe('v');
  });

  it('replays to a burst that comes when the value is there already', async () => {
    const { create } = setUp({ inFlight: 'reject' });
    await create().run('k', () => 'v');
    const fresh = create();
    const results = await Promise.all(Array.from({ length: 5 }, () => fresh.run('k', () => 'w')));
    expect(results).toEqual(Array.from({ length: 5 }, () => ({ value: 'v', replayed: true })));
  });
});

describe('abort', () => {
  const reason = { why: 'client left' };

  it('before the call: rejects with the reason and runs nothing', async () => {
    const { idempotency } = setUp();
    const fn = vi.fn();
    await expect(idempotency.run('k', fn, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(fn).not.toHaveBeenCalled();
  });

  it('while the key is asked for: rejects at once, runs nothing, and frees what was taken', async () => {
    const gate = deferred<undefined>();
    const { idempotency, clock } = setUp({}, (store) => ({ begin: async (...args) => (await gate.promise, store.begin(...args)) }));
    const controller = new AbortController();
    const fn = vi.fn(() => 'aborted');
    const call = idempotency.run('k', fn, { signal: controller.signal });
    const other = idempotency.run('k', () => 'other');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    gate.resolve(undefined);
    expect(await other).toEqual({ value: 'other', replayed: false });
    expect([fn.mock.calls.length, listeners(controller.signal), clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it('of a waiter, here or elsewhere: ends its own wait only', async () => {
    const { create, clock } = setUp();
    const [here, there] = [create(), create()];
    const owner = here.run('k', () => clock.sleep('1s').then(() => 'v'));
    await clock.advance(0);
    for (const object of [here, there]) {
      const controller = new AbortController();
      const waiter = object.run('k', () => 'w', { signal: controller.signal });
      const patient = object.run('k', () => 'w');
      await clock.advance(10);
      controller.abort(reason);
      await expect(waiter).rejects.toBe(reason);
      expect(listeners(controller.signal)).toBe(0);
      void patient.catch(() => undefined);
    }
    const waiting = there.run('k', () => 'w');
    await clock.advance('2s');
    expect([await owner, await waiting]).toEqual([
      { value: 'v', replayed: false },
      { value: 'v', replayed: true },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('of the owner: aborts its fn with the reason, and the others take over', async () => {
    const { create, clock } = setUp();
    const [here, there] = [create(), create()];
    const controller = new AbortController();
    let seen: unknown;
    const fn = async ({ signal }: IdempotentRun): Promise<string> => {
      try {
        await clock.sleep('1h', signal);
        return 'owner';
      } catch (error) {
        seen = error;
        throw error;
      }
    };
    const owner = here.run('k', fn, { signal: controller.signal });
    const others = [here.run('k', () => 'taken over'), there.run('k', () => 'taken over')];
    await clock.advance(10);
    controller.abort(reason);
    await expect(owner).rejects.toBe(reason);
    await clock.advance('1s');
    const results = await Promise.all(others);
    expect(results.map(({ value }) => value)).toEqual(['taken over', 'taken over']);
    expect([seen, listeners(controller.signal), clock.pendingTimers]).toEqual([reason, 0, 0]);
  });

  it('of an owner whose fn does not listen: the others get its value, and nothing runs twice', async () => {
    const { idempotency, clock } = setUp();
    const controller = new AbortController();
    const owner = idempotency.run('k', () => clock.sleep('5s').then(() => 'late'), { signal: controller.signal });
    const second = vi.fn(() => 'second');
    const other = idempotency.run('k', second);
    await clock.advance('1s');
    controller.abort(reason);
    await expect(owner).rejects.toBe(reason);
    await clock.advance('4s');
    expect(await other).toEqual({ value: 'late', replayed: true });
    expect([second.mock.calls.length, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('of an owner whose fn never ends: frees the key after the lease', async () => {
    const { idempotency, clock } = setUp();
    const controller = new AbortController();
    const owner = idempotency.run('k', () => new Promise<never>(() => undefined), { signal: controller.signal });
    const other = idempotency.run('k', () => 'taken over');
    await clock.advance('25s');
    controller.abort(reason);
    await expect(owner).rejects.toBe(reason);
    await clock.advance('31s');
    expect(await other).toEqual({ value: 'taken over', replayed: false });
    expect(clock.pendingTimers).toBe(0);
  });

  it('while the value is being stored: rejects, and the others get the value', async () => {
    const gate = deferred<undefined>();
    const { idempotency, clock } = setUp({}, (store) => ({ complete: async (...args) => (await gate.promise, store.complete(...args)) }));
    const controller = new AbortController();
    const owner = idempotency.run('k', () => 'v', { signal: controller.signal });
    const other = idempotency.run('k', () => 'w');
    await clock.advance(0);
    controller.abort(reason);
    await expect(owner).rejects.toBe(reason);
    gate.resolve(undefined);
    expect(await other).toEqual({ value: 'v', replayed: true });
    expect([listeners(controller.signal), clock.pendingTimers]).toEqual([0, 0]);
  });

  it('after the end: changes nothing', async () => {
    const { idempotency } = setUp();
    const controller = new AbortController();
    const result = await idempotency.run('k', () => 'v', { signal: controller.signal });
    expect(listeners(controller.signal)).toBe(0);
    controller.abort(reason);
    expect(result).toEqual({ value: 'v', replayed: false });
  });
});

describe('the lease', () => {
  it('is renewed while fn runs, however long', async () => {
    const { create, clock } = setUp();
    const owner = create().run('k', () => clock.sleep('10m').then(() => 'v'));
    const other = create().run('k', () => 'w');
    await clock.advance('11m');
    expect([await owner, await other]).toEqual([
      { value: 'v', replayed: false },
      { value: 'v', replayed: true },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('frees the key of a process that died in the middle, and not earlier', async () => {
    const { create, clock, store } = setUp();
    const dead = createIdempotency({ store, clock: clock.forNode('dead'), lease: '30s' });
    void dead.run('k', () => new Promise<never>(() => undefined));
    await clock.advance('5s');
    clock.forNode('dead').kill();
    const fn = vi.fn(() => 'v');
    const other = create().run('k', fn);
    await clock.advance('24s');
    expect(fn).not.toHaveBeenCalled();
    await clock.advance('2s');
    expect(await other).toEqual({ value: 'v', replayed: false });
  });

  it('that is lost aborts fn, and a late owner gets the value of the run that replaced it', async () => {
    const { create, clock, store } = setUp();
    const frozen = clock.forNode('frozen');
    const late = createIdempotency({ store, clock: frozen, lease: '30s' });
    let reason: unknown;
    let fence = -1;
    const first = late.run('k', async (run) => {
      fence = run.fence;
      await clock.sleep('50s');
      reason = run.signal.reason;
      return 'late';
    });
    await clock.advance('5s');
    frozen.suspend('31s');
    const second = create().run('k', (run) => ({ greater: run.fence > fence }));
    await clock.advance('60s');
    expect(await second).toEqual({ value: { greater: true }, replayed: false });
    expect(await first).toEqual({ value: { greater: true }, replayed: true });
    expect(reason).toMatchObject({ code: 'ERR_TUNIC_LEASE_LOST', retryable: true });
    expect(clock.pendingTimers).toBe(0);
  });

  it('that is lost to nobody is taken again to store the work that was done', async () => {
    const { idempotency, clock, store } = setUp({}, () => ({ renew: () => Promise.reject(new Error('no reply')) }));
    const fn = vi.fn(() => clock.sleep('40s').then(() => 'v'));
    const call = idempotency.run('k', fn);
    await clock.advance('41s');
    expect(await call).toEqual({ value: 'v', replayed: false });
    expect(await store.begin('k', { owner: 'x', fingerprint: '', leaseMs: 1 })).toMatchObject({ state: 'done', value: '"v"' });
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('that is lost lets those who wait go on at once, and the late end of the run does not disturb them', async () => {
    let losses = 1;
    const begin = vi.fn();
    const { idempotency, clock } = setUp({}, (store) => ({
      begin: (...args) => (begin(), store.begin(...args)),
      renew: async (key, fence, leaseMs) => (losses-- > 0 ? store.release(key, fence).then(() => false) : store.renew(key, fence, leaseMs)),
    }));
    const late = expect(idempotency.run('k', () => clock.sleep('20s').then(() => Promise.reject(new Error('late'))))).rejects.toThrow('late');
    const second = idempotency.run('k', () => clock.sleep('60s').then(() => 'v'));
    await clock.advance('25s');
    await late;
    const third = idempotency.run('k', () => 'w');
    await clock.advance('60s');
    expect([(await second).value, (await third).value, begin.mock.calls.length, clock.pendingTimers]).toEqual(['v', 'v', 2, 0]);
  });

  it('survives renewals that fail now and then', async () => {
    let calls = 0;
    const logger = { ...silentLogger, warn: vi.fn() };
    const { create, clock } = setUp({ logger }, (store) => ({ renew: (...args) => (++calls % 3 === 0 ? store.renew(...args) : Promise.reject(new Error('no reply'))) }));
    let aborted: boolean | undefined;
    const owner = create().run('k', async ({ signal }) => {
      await clock.sleep('28s');
      aborted = signal.aborted;
      return 'v';
    });
    await clock.advance('29s');
    expect([(await owner).value, aborted, logger.warn.mock.calls.length]).toEqual(['v', false, 2]);
  });

  it('counts as lost when the store has not answered for its length', async () => {
    const { idempotency, clock } = setUp({}, () => ({ renew: () => new Promise<never>(() => undefined) }));
    let abortedAt = -1;
    const call = idempotency.run('k', ({ signal }) => {
      signal.addEventListener('abort', () => void (abortedAt = clock.monotonic()));
      return clock.sleep('60s');
    });
    await clock.advance('61s');
    await call;
    expect(abortedAt).toBe(30_000);
  });

  it('makes no signal for an fn that does not ask, and one that asks late gets it aborted', async () => {
    const { idempotency, clock } = setUp({}, () => ({ renew: () => Promise.resolve(false) }));
    const call = idempotency.run('k', async (run) => {
      await clock.sleep('20s');
      expect(run.signal).toBe(run.signal);
      return run.signal.aborted;
    });
    await clock.advance('21s');
    expect((await call).value).toBe(true);
  });
});

describe('a store in trouble', () => {
  it('at begin: rejects with its error, and the next call tries again', async () => {
    let broken = true;
    const error = new Error('connection refused');
    const { idempotency } = setUp({}, (store) => ({ begin: (...args) => (broken ? Promise.reject(error) : store.begin(...args)) }));
    await expect(idempotency.run('k', () => 1)).rejects.toBe(error);
    broken = false;
    expect((await idempotency.run('k', () => 1)).value).toBe(1);
  });

  it('at complete: is asked again, so that work that was done is not done twice', async () => {
    let failures = 3;
    const { idempotency, clock } = setUp({}, (store) => ({ complete: (...args) => (failures-- > 0 ? Promise.reject(new Error('no reply')) : store.complete(...args)) }));
    const call = idempotency.run('k', () => 'v');
    await clock.advance('5s');
    expect(await call).toEqual({ value: 'v', replayed: false });
    expect(await idempotency.run('k', () => 'w')).toEqual({ value: 'v', replayed: true });
  });

  it('at complete for a whole lease: rejects with its error', async () => {
    const error = new Error('no reply');
    const { idempotency, clock } = setUp({}, () => ({ complete: () => Promise.reject(error) }));
    const call = idempotency.run('k', () => 'v');
    const outcome = expect(call).rejects.toBe(error);
    await clock.advance('31s');
    await outcome;
    expect(clock.pendingTimers).toBe(0);
  });

  it('at complete with an error that no retry mends: rejects at once', async () => {
    const error = new TunicError('ERR_TUNIC_STORE_SCHEMA', 'too old');
    const { idempotency } = setUp({}, () => ({ complete: () => Promise.reject(error) }));
    await expect(idempotency.run('k', () => 'v')).rejects.toBe(error);
  });

  it('at complete after a lost reply: the repeated call succeeds', async () => {
    let lost = false;
    const { idempotency, clock } = setUp({}, (store) => ({
      complete: async (...args) => {
        const reply = await store.complete(...args);
        if (lost) return reply;
        lost = true;
        throw new Error('reply lost');
      },
    }));
    const call = idempotency.run('k', () => 'v');
    await clock.advance('1s');
    expect(await call).toEqual({ value: 'v', replayed: false });
  });

  it('at release: rejects with the error of fn all the same', async () => {
    const { idempotency } = setUp({}, () => ({ release: () => Promise.reject(new Error('no reply')) }));
    await expect(idempotency.run('k', () => Promise.reject(new Error('declined')))).rejects.toThrow('declined');
  });
});
