import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import type { LockLease } from '../../../src/resilience/semaphore/mutex.ts';
import type { LockPreference, ReadWriteLock } from '../../../src/resilience/semaphore/read-write-lock-types.ts';
import { createReadWriteLock } from '../../../src/resilience/semaphore/read-write-lock.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Acquires under a name ('r…' reads), notes it, and keeps the lease by its name. */
function visit(lock: ReadWriteLock, served: string[], leases: Map<string, LockLease>): (name: string) => Promise<void> {
  return async (name) => {
    const lease = name.startsWith('r') ? await lock.acquireRead() : await lock.acquireWrite();
    served.push(name);
    leases.set(name, lease);
  };
}

describe('read-write lock', () => {
  it('lets readers in together and a writer alone', async () => {
    const lock = createReadWriteLock();
    const [one, two] = [await lock.acquireRead(), await lock.acquireRead()];
    expect([lock.reading, lock.writing, lock.tryAcquireWrite()]).toEqual([2, false, undefined]);
    one.release();
    one.release();
    expect(lock.reading).toBe(1);
    two[Symbol.dispose]();
    const writer = lock.tryAcquireWrite();
    expect([lock.writing, lock.tryAcquireRead(), lock.tryAcquireWrite()]).toEqual([true, undefined, undefined]);
    writer?.release();
    expect([lock.reading, lock.writing]).toEqual([0, false]);
  });

  it.each(['arrival', 'reader', 'writer'] as const)('does not let new readers starve a waiting writer (%s)', async (preference) => {
    const lock = createReadWriteLock({ preference });
    const [served, leases] = [[] as string[], new Map<string, LockLease>()];
    const enter = visit(lock, served, leases);
    await enter('r1');
    void enter('w');
    void enter('r2');
    expect(lock.tryAcquireRead()).toBeUndefined();
    await turn();
    expect(served).toEqual(['r1']);
    leases.get('r1')?.release();
    await turn();
    expect([served, lock.writing]).toEqual([['r1', 'w'], true]);
    leases.get('w')?.release();
    await turn();
    expect(served).toEqual(['r1', 'w', 'r2']);
  });

  it.each<[LockPreference, string[][]]>([
    ['arrival', [['r1'], ['w2'], ['r2', 'r3'], ['w3']]],
    ['reader', [['r1', 'r2', 'r3'], ['w2'], ['w3']]],
    ['writer', [['w2'], ['w3'], ['r1', 'r2', 'r3']]],
  ])('serves by %s when a writer leaves', async (preference, phases) => {
    const lock = createReadWriteLock({ preference });
    const [served, leases] = [[] as string[], new Map<string, LockLease>()];
    const enter = visit(lock, served, leases);
    await enter('w1');
    for (const name of ['r1', 'w2', 'r2', 'r3', 'w3']) void enter(name);
    expect(lock.waiting).toBe(5);
    let inside = ['w1'];
    for (const phase of phases) {
      for (const name of inside) leases.get(name)?.release();
      await turn();
      expect(served.slice(-phase.length)).toEqual(phase);
      expect([lock.reading, lock.writing]).toEqual(phase[0]?.startsWith('r') === true ? [phase.length, false] : [0, true]);
      inside = phase;
    }
    expect([served.length, lock.waiting]).toEqual([6, 0]);
  });

  it('lets the readers behind a writer join in when the writer gives up', async () => {
    const clock = createVirtualClock();
    const lock = createReadWriteLock({ clock });
    const reader = await lock.acquireRead();
    const controller = new AbortController();
    const aborted = lock.acquireWrite({ signal: controller.signal });
    const late = lock.acquireWrite({ timeout: '1s' });
    const ends = Promise.allSettled([aborted, late]);
    const second = lock.acquireRead({ timeout: '1h' });
    controller.abort('enough');
    await turn();
    expect(lock.reading).toBe(1);
    await clock.advance('1s');
    expect(lock.reading).toBe(2);
    expect((await ends).map((end) => (end as PromiseRejectedResult).reason as unknown)).toMatchObject(['enough', { code: 'ERR_TUNIC_TIMEOUT' }]);
    (await second).release();
    reader.release();
    expect([lock.reading, lock.waiting, clock.pendingTimers]).toEqual([0, 0, 0]);
    await expect(lock.acquireRead({ signal: AbortSignal.abort('before') })).rejects.toBe('before');
  });

  it('rejects everyone who waits when it is closed, bounds its queue and refuses bad options', async () => {
    const lock = createReadWriteLock({ maxQueue: 2 });
    const lease = await lock.acquireWrite();
    const ends = Promise.allSettled([lock.read(() => 1), lock.write(() => 2)]);
    await turn();
    await expect(lock.acquireRead()).rejects.toMatchObject({ code: 'ERR_TUNIC_QUEUE_FULL', retryable: true });
    lock.close();
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TUNIC_CLOSED' } });
    lease.release();
    await expect(lock.acquireRead()).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    expect([lock.tryAcquireRead(), lock.tryAcquireWrite()]).toEqual([undefined, undefined]);
    expect(() => createReadWriteLock({ preference: 'none' as 'writer' })).toThrow('preference');
    expect(() => createReadWriteLock({ maxQueue: -1 })).toThrow('maxQueue');
    await expect(createReadWriteLock().acquireRead({ timeout: -1 })).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
  });

  it('runs each function in its own caller’s async context and releases when it throws', async () => {
    const lock = createReadWriteLock();
    const storage = new AsyncLocalStorage<number>();
    const seen = await Promise.all(
      Array.from({ length: 40 }, (_, id) =>
        storage.run(id, () => (id % 3 === 0 ? lock.write(() => storage.getStore()) : lock.read(() => storage.getStore()))),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 40 }, (_, id) => id));
    await expect(lock.write(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(lock.writing).toBe(false);
  });
});
