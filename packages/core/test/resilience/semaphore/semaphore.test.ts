import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { compose } from '../../../src/compose/compose.ts';
import { createSemaphore, semaphoreLayer } from '../../../src/resilience/semaphore/semaphore.ts';
import type { AcquireOptions, Semaphore, SemaphoreLease } from '../../../src/resilience/semaphore/semaphore-types.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const held = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};
/** Notes the name when the permits come, and keeps them. */
function queueUp(semaphore: Semaphore, served: string[], name: string, options?: AcquireOptions): Promise<SemaphoreLease> {
  return held(semaphore.acquire(options).then((lease) => (served.push(name), lease)));
}

describe('semaphore', () => {
  it('lends what is free at once and hands a released permit straight to the head: nobody barges in', async () => {
    const semaphore = createSemaphore(1);
    const lease = await semaphore.acquire();
    const served: string[] = [];
    const waiting = queueUp(semaphore, served, 'waiter');
    expect([semaphore.available, semaphore.waiting]).toEqual([0, 1]);
    lease.release();
    expect(semaphore.tryAcquire()).toBeUndefined();
    const newcomer = queueUp(semaphore, served, 'newcomer');
    (await waiting).release();
    await newcomer;
    expect(served).toEqual(['waiter', 'newcomer']);
  });

  it('never grows when a lease is released twice, also through using', async () => {
    const semaphore = createSemaphore(2);
    const lease = await semaphore.acquire({ permits: 2 });
    expect(lease.permits).toBe(2);
    lease.release();
    lease.release();
    lease[Symbol.dispose]();
    expect(semaphore.available).toBe(2);
  });

  it('does not let small takes starve a large one', async () => {
    const semaphore = createSemaphore(3);
    const leases = [await semaphore.acquire(), await semaphore.acquire()];
    const served: string[] = [];
    const large = queueUp(semaphore, served, 'large', { permits: 3 });
    const small = queueUp(semaphore, served, 'small');
    expect(semaphore.tryAcquire()).toBeUndefined();
    await turn();
    expect(served).toEqual([]);
    for (const lease of leases) lease.release();
    (await large).release();
    await small;
    expect(served).toEqual(['large', 'small']);
  });

  it('serves the next when a large take at the head gives up', async () => {
    const semaphore = createSemaphore(2);
    await semaphore.acquire();
    const controller = new AbortController();
    const large = held(semaphore.acquire({ permits: 2, signal: controller.signal }));
    const small = semaphore.acquire();
    controller.abort('enough');
    await expect(large).rejects.toBe('enough');
    await small;
    expect([semaphore.available, semaphore.waiting]).toEqual([0, 0]);
  });

  it.each([
    ['fifo', ['a0', 'b0', 'a1', 'b1']],
    ['lifo', ['b0', 'a0', 'b1', 'a1']],
  ] as const)('serves lower priorities first, equal ones %s', async (order, expected) => {
    const semaphore = createSemaphore(1, { order });
    const lease = await semaphore.acquire();
    const served: string[] = [];
    const all = [['a1', 1], ['a0', 0], ['b1', 1], ['b0', 0]] as const;
    const waiting = all.map(([name, priority]) => queueUp(semaphore, served, name, { priority }).then((won) => won.release()));
    lease.release();
    await Promise.all(waiting);
    expect(served).toEqual(expected);
  });

  it('lets a more urgent newcomer take what a waiting large take cannot use', async () => {
    const semaphore = createSemaphore(2);
    await semaphore.acquire();
    const large = held(semaphore.acquire({ permits: 2, priority: 5 }));
    expect(await semaphore.acquire({ priority: 1 })).toBeDefined();
    semaphore.close();
    await expect(large).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
  });

  it('unlinks a waiter that aborts or times out and takes it from the queue limit', async () => {
    const clock = createVirtualClock();
    const semaphore = createSemaphore(1, { maxQueue: 2, clock });
    const lease = await semaphore.acquire();
    const controller = new AbortController();
    const reason = new Error('mine');
    const aborted = held(semaphore.acquire({ signal: controller.signal, timeout: '1m' }));
    const late = held(semaphore.acquire({ timeout: '1s' }));
    await expect(semaphore.acquire()).rejects.toMatchObject({ code: 'ERR_TUNIC_QUEUE_FULL', retryable: true });
    controller.abort(reason);
    await clock.advance('1s');
    await expect(aborted).rejects.toBe(reason);
    await expect(late).rejects.toMatchObject({ code: 'ERR_TUNIC_TIMEOUT', retryable: true });
    expect([semaphore.waiting, clock.pendingTimers]).toEqual([0, 0]);
    lease.release();
    expect(semaphore.available).toBe(1);
    await expect(semaphore.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(semaphore.available).toBe(1);
  });

  it('keeps a permit that was granted before the abort', async () => {
    const semaphore = createSemaphore(1);
    const lease = await semaphore.acquire();
    const controller = new AbortController();
    const waiting = semaphore.acquire({ signal: controller.signal });
    lease.release();
    controller.abort();
    (await waiting).release();
    expect(semaphore.available).toBe(1);
  });

  it('rejects everyone on close, takes nobody in, and still counts what comes back', async () => {
    const semaphore = createSemaphore(1);
    const lease = await semaphore.acquire();
    const waiting = [held(semaphore.acquire()), held(semaphore.acquire({ priority: 3 })), held(semaphore.run(() => 1))];
    semaphore[Symbol.dispose]();
    for (const one of [...waiting, semaphore.acquire()]) await expect(one).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    lease.release();
    expect([semaphore.tryAcquire(), semaphore.available, semaphore.waiting]).toEqual([undefined, 1, 0]);
  });

  it('drains when all is back, and stops waiting for it on abort', async () => {
    const semaphore = createSemaphore(2);
    await semaphore.drain();
    const lease = await semaphore.acquire({ permits: 2 });
    const waiting = semaphore.run(() => 'ran');
    const drained = vi.fn();
    const done = semaphore.drain().then(drained);
    const controller = new AbortController();
    const given = held(semaphore.drain({ signal: controller.signal }));
    controller.abort('enough');
    await expect(given).rejects.toBe('enough');
    await expect(semaphore.drain({ signal: controller.signal })).rejects.toBe('enough');
    await turn();
    expect(drained).not.toHaveBeenCalled();
    lease.release();
    expect(await waiting).toBe('ran');
    await done;
    expect([drained.mock.calls.length, semaphore.available]).toEqual([1, 2]);
  });

  it('resizes: more serves who waits, fewer holds back, too few rejects who needs more', async () => {
    const semaphore = createSemaphore(2);
    const leases = [await semaphore.acquire(), await semaphore.acquire()];
    const two = held(semaphore.acquire({ permits: 2 }));
    const one = semaphore.acquire();
    semaphore.resize(1);
    await expect(two).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
    expect(semaphore.available).toBe(0);
    leases[0]?.release();
    await turn();
    expect(semaphore.waiting).toBe(1);
    semaphore.resize(2);
    await one;
    leases[1]?.release();
    expect(semaphore.available).toBe(1);
  });

  it('runs work in the async context of its own caller, 40 of 40', async () => {
    const storage = new AsyncLocalStorage<number>();
    const semaphore = createSemaphore(3);
    const work = (id: number): Promise<boolean> =>
      storage.run(id, () => semaphore.run(() => turn().then(() => storage.getStore() === id)));
    const seen = await Promise.all(Array.from({ length: 40 }, (_, id) => work(id)));
    expect(seen.filter(Boolean)).toHaveLength(40);
  });

  it('gives the permit back when the work fails, and starts free work at once', async () => {
    const semaphore = createSemaphore(1);
    let started = false;
    const running = semaphore.run(() => (started = true));
    expect(started).toBe(true);
    await running;
    const boom = new Error('boom');
    const throwing = (): never => {
      throw boom;
    };
    await expect(semaphore.run(throwing)).rejects.toBe(boom);
    await expect(semaphore.run(() => Promise.reject(boom), { permits: 1 })).rejects.toBe(boom);
    expect(semaphore.available).toBe(1);
  });

  it('takes a hundred thousand waiters and leaves no waiter, timer or listener', async () => {
    const clock = createVirtualClock();
    const semaphore = createSemaphore(1, { clock });
    const controller = new AbortController();
    const lease = await semaphore.acquire();
    const waiting = Array.from({ length: 100_000 }, (_, i) =>
      semaphore.acquire({ priority: i, timeout: '1m', signal: controller.signal }).catch((error: unknown) => error),
    );
    controller.abort('all');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['all']));
    lease.release();
    expect([semaphore.waiting, semaphore.available, clock.pendingTimers]).toEqual([0, 1, 0]);
  });

  it('refuses bad options by name', async () => {
    expect(() => createSemaphore(0)).toThrow(/^permits: /);
    expect(() => createSemaphore(1, { maxQueue: -1 })).toThrow(/^maxQueue: /);
    expect(() => createSemaphore(1, { order: 'any' as never })).toThrow(/^order: /);
    const semaphore = createSemaphore(1);
    expect(() => semaphore.tryAcquire(0)).toThrow(/^permits: /);
    expect(() => semaphore.resize(0)).toThrow(/^permits: /);
    for (const bad of [{ permits: 2 }, { permits: 0 }, { priority: NaN }, { timeout: -1 }])
      await expect(semaphore.acquire(bad)).rejects.toThrow(new RegExp(`^${Object.keys(bad).join('')}: `));
    expect(() => semaphoreLayer({} as never)).toThrow(/^semaphore: /);
  });

  it('is a layer', async () => {
    const semaphore = createSemaphore(1);
    const call = compose<{ signal?: AbortSignal }, number>([
      semaphoreLayer(semaphore),
      () => semaphore.available,
    ]);
    expect(await call({})).toBe(0);
    const limited = compose<{ signal?: AbortSignal }, number>([semaphoreLayer(semaphore, { signal: ({ signal }) => signal }), () => 1]);
    await expect(limited({ signal: AbortSignal.abort('off') })).rejects.toBe('off');
    expect(await limited({})).toBe(1);
  });
});
