import { describe, expect, it } from 'vitest';
import { createMutex } from '../../../src/resilience/semaphore/mutex.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

describe('mutex', () => {
  it('lets one in at a time, in order of arrival, and never grows by a second release', async () => {
    const mutex = createMutex();
    const order: number[] = [];
    let inside = 0;
    await Promise.all(
      [1, 2, 3].map((id) =>
        mutex.run(async () => {
          expect(++inside).toBe(1);
          await Promise.resolve();
          order.push(id);
          inside--;
        }),
      ),
    );
    expect(order).toEqual([1, 2, 3]);
    const lease = await mutex.acquire();
    lease.release();
    lease.release();
    expect(mutex.tryAcquire()).toBeDefined();
    expect([mutex.tryAcquire(), mutex.locked]).toEqual([undefined, true]);
  });

  it('releases when the function throws, and at the end of a using block', async () => {
    const mutex = createMutex();
    await expect(mutex.run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    const lease = await mutex.acquire();
    lease[Symbol.dispose]();
    expect([mutex.locked, mutex.waiting]).toEqual([false, 0]);
  });

  it('ends a wait by abort, time-out and close, and leaves nothing behind', async () => {
    const clock = createVirtualClock();
    const mutex = createMutex({ clock });
    const lease = await mutex.acquire();
    const controller = new AbortController();
    const waits = [mutex.acquire({ signal: controller.signal }), mutex.acquire({ timeout: '1s' }), mutex.acquire({ timeout: '1h' })];
    const ends = Promise.allSettled(waits);
    expect(mutex.waiting).toBe(3);
    controller.abort('enough');
    await clock.advance('1s');
    mutex.close();
    expect((await ends).map((end) => (end as PromiseRejectedResult).reason as unknown)).toMatchObject([
      'enough',
      { code: 'ERR_TUNIC_TIMEOUT' },
      { code: 'ERR_TUNIC_CLOSED' },
    ]);
    lease.release();
    await expect(mutex.acquire()).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    expect([mutex.waiting, clock.pendingTimers, mutex.tryAcquire()]).toEqual([0, 0, undefined]);
  });
});
