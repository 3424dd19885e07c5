import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createTaskPool } from '../../../src/resilience/task-pool/task-pool.ts';
import type { PoolTaskOptions, TaskPool, TaskPoolOptions } from '../../../src/resilience/task-pool/task-pool-types.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const held = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};
const reasonOf = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => ['resolved', value], (reason: unknown) => reason);

/** A pool of one whose place is taken until `open()`, and the names of those who ran since. */
function blocked(options: Partial<TaskPoolOptions> = {}): { pool: TaskPool; ran: string[]; queue: (name: string, o?: PoolTaskOptions) => Promise<string>; open: () => void } {
  const pool = createTaskPool({ concurrency: 1, ...options });
  const ran: string[] = [];
  let open!: () => void;
  void pool.add(() => new Promise<void>((resolve) => (open = resolve)));
  const queue = (name: string, o?: PoolTaskOptions): Promise<string> => held(pool.add(() => (ran.push(name), name), o));
  return { pool, ran, queue, open };
}

describe('task pool: order', () => {
  it('starts at once while there is room, then by priority and arrival', async () => {
    const { pool, ran, queue, open } = blocked();
    const all = [queue('b', { priority: 1 }), queue('c', { priority: 1 }), queue('a', { priority: -1 }), queue('zero')];
    expect([pool.size, pool.running, ran]).toEqual([4, 1, []]);
    open();
    await expect(Promise.all(all)).resolves.toEqual(['b', 'c', 'a', 'zero']);
    expect(ran).toEqual(['a', 'zero', 'b', 'c']);
    expect([pool.size, pool.running, pool.stats]).toEqual([0, 0, { succeeded: 5, failed: 0, dropped: 0 }]);
  });

  it('moves a waiting task by setPriority, and tells when no such task waits', async () => {
    const { pool, ran, queue, open } = blocked();
    const all = [queue('a', { id: 'a' }), queue('b', { id: 'b' }), queue('c', { id: 'c', priority: 5 })];
    expect([pool.setPriority('c', -1), pool.setPriority('a', 3), pool.setPriority('nobody', 1)]).toEqual([true, true, false]);
    await expect(pool.add(() => 1, { id: 'a' })).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
    expect(() => pool.setPriority('a', NaN)).toThrow('priority');
    open();
    await Promise.all(all);
    expect([ran, pool.setPriority('a', 1)]).toEqual([['c', 'b', 'a'], false]);
    await expect(pool.add(() => 'again', { id: 'a' })).resolves.toBe('again');
  });

  it('lets a waiting task gain priority with time, and keeps what it gained through setPriority', async () => {
    const clock = createVirtualClock();
    const { pool, ran, queue, open } = blocked({ aging: '1s', clock });
    const all = [queue('old', { priority: 5 }), queue('old, put back', { id: 'x' })];
    await clock.advance('4s');
    all.push(queue('young', { priority: 2 }), queue('younger', { priority: 0 }));
    pool.setPriority('x', 5.5);
    open();
    await Promise.all(all);
    expect(ran).toEqual(['younger', 'old', 'old, put back', 'young']);
  });

  it('gives keys turns among tasks of equal priority, the tasks without a key one turn together', async () => {
    const { ran, queue, open } = blocked();
    const names = ['-1', '-2', 'a1', 'a2', 'a3', 'b1', 'c1', 'c2'];
    const all = names.map((name) => queue(name, name.startsWith('-') ? {} : { key: name.charAt(0) }));
    all.push(queue('c urgent', { key: 'c', priority: -1 }));
    open();
    await Promise.all(all);
    expect(ran).toEqual(['c urgent', '-1', 'a1', 'b1', 'c1', '-2', 'a2', 'c2', 'a3']);
  });

  it('gives keys turns with aging, too', async () => {
    const clock = createVirtualClock();
    const { ran, queue, open } = blocked({ aging: '1s', clock });
    const all = [queue('a1', { key: 'a' }), queue('a2', { key: 'a' }), queue('a3', { key: 'a' })];
    await clock.advance(10);
    all.push(queue('b1', { key: 'b' }), queue('b2', { key: 'b' }));
    await clock.advance(10);
    open();
    await Promise.all(all);
    expect(ran).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('runs at most so many of one key, and lets the others pass', async () => {
    const pool = createTaskPool({ concurrency: 3, key: { concurrency: 1 } });
    const started: string[] = [];
    const opens = new Map<string, () => void>();
    const add = (name: string, key?: string): Promise<void> =>
      pool.add(() => (started.push(name), new Promise<void>((resolve) => opens.set(name, resolve))), key === undefined ? {} : { key });
    const all = [add('a1', 'a'), add('a2', 'a'), add('b1', 'b'), add('free 1'), add('free 2')];
    expect([started, pool.size]).toEqual([['a1', 'b1', 'free 1'], 2]);
    for (const name of ['a1', 'b1', 'free 1', 'a2', 'free 2']) {
      opens.get(name)?.();
      await turn();
    }
    await Promise.all(all);
    expect(started).toEqual(['a1', 'b1', 'free 1', 'a2', 'free 2']);
  });
});

describe('task pool: bounds', () => {
  it.each([
    ['reject', ['low', 'mid', 'mid 2']],
    ['drop-oldest', ['mid', 'mid 2', 'new']],
    ['drop-lowest', ['mid', 'new', 'mid 2']],
  ] as const)('bounds its queue: %s', async (overflow, kept) => {
    const { pool, ran, queue, open } = blocked({ maxQueue: 3, overflow });
    const all = [queue('low', { priority: 9, id: 'low' }), queue('mid', { priority: 1 }), queue('mid 2', { priority: 2 }), queue('new', { priority: 1 })];
    const ends = Promise.all(all.map(reasonOf));
    await turn();
    open();
    const dropped = (await ends).filter((end) => !Array.isArray(end));
    expect(dropped).toMatchObject([{ code: 'ERR_TUNIC_QUEUE_FULL', retryable: true }]);
    expect([...ran].sort()).toEqual([...kept].sort());
    expect([pool.stats.dropped, pool.setPriority('low', 1)]).toEqual([1, false]);
  });

  it('drops the newcomer when it is the lowest itself, the newest among equals, and when nobody may wait', async () => {
    const { pool, ran, queue, open } = blocked({ maxQueue: 2, overflow: 'drop-lowest' });
    const all = [queue('first'), queue('second', { id: 'second', priority: 3 })];
    pool.setPriority('second', 0);
    await expect(queue('equal')).rejects.toMatchObject({ code: 'ERR_TUNIC_QUEUE_FULL' });
    const urgent = queue('urgent', { priority: -1 });
    open();
    await expect(all[1]).rejects.toMatchObject({ code: 'ERR_TUNIC_QUEUE_FULL' });
    await Promise.all([all[0], urgent]);
    expect(ran).toEqual(['urgent', 'first']);
    const none = blocked({ maxQueue: 0, overflow: 'drop-oldest' });
    await expect(none.queue('nobody waits')).rejects.toMatchObject({ code: 'ERR_TUNIC_QUEUE_FULL' });
  });

  it('starts no more than the rate within any window: no burst where two fixed windows would meet', async () => {
    const clock = createVirtualClock();
    const pool = createTaskPool({ concurrency: Infinity, rate: '10/s', clock });
    const starts: number[] = [];
    const add = (): Promise<number> => pool.add(() => starts.push(clock.monotonic()));
    await clock.advance(900);
    const all = Array.from({ length: 25 }, add);
    await clock.advance(150);
    all.push(...Array.from({ length: 5 }, add));
    expect([starts.length, pool.size, clock.pendingTimers]).toEqual([10, 20, 1]);
    await clock.advance('5s');
    await Promise.all(all);
    for (const [index, start] of starts.entries()) if (index >= 10) expect(start - (starts[index - 10] ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect([starts.length, starts[29], clock.pendingTimers]).toEqual([30, 2_900, 0]);
  });

  it('keeps no timer for the rate when nobody waits for it any more, or may start', async () => {
    const clock = createVirtualClock();
    const pool = createTaskPool({ concurrency: 1, rate: { limit: 1, window: '1m' }, clock });
    await pool.add(() => 1);
    const controller = new AbortController();
    const waiting = held(pool.add(() => 2, { signal: controller.signal }));
    expect(clock.pendingTimers).toBe(1);
    pool.pause();
    expect(clock.pendingTimers).toBe(0);
    pool.resume();
    expect(clock.pendingTimers).toBe(1);
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses bad options by name', async () => {
    const bad: [Partial<TaskPoolOptions>, string][] = [
      [{ concurrency: 0 }, 'concurrency'],
      [{ maxQueue: -1 }, 'maxQueue'],
      [{ overflow: 'explode' as 'reject' }, 'overflow'],
      [{ aging: 0 }, 'aging'],
      [{ rate: 'often' as '1/s' }, 'rate'],
      [{ rate: '0/s' }, 'rate'],
      [{ rate: { limit: 1, window: -1 } }, 'window'],
      [{ key: { concurrency: 0 } }, 'key.concurrency'],
      [{ timeout: -1 }, 'timeout'],
    ];
    for (const [options, name] of bad) expect(() => createTaskPool({ concurrency: 1, ...options })).toThrow(`${name}:`);
    const pool = createTaskPool({ concurrency: 1 });
    const tasks: PoolTaskOptions[] = [{ priority: NaN }, { timeout: -1 }, { maxWait: -1 }, { key: 1 as unknown as string }, { id: 1 as unknown as string }];
    for (const options of tasks) await expect(pool.add(() => 1, options)).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
    await expect(pool.add(undefined as unknown as () => 1)).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
    expect([pool.size, pool.running]).toEqual([0, 0]);
  });
});

describe('task pool: ends', () => {
  it('rejects what clear() drops: no promise stays pending', async () => {
    const { pool, queue, open } = blocked();
    const dropped = [queue('a'), queue('b', { key: 'k', id: 'b' })];
    expect(pool.clear()).toBe(2);
    for (const task of dropped) await expect(task).rejects.toMatchObject({ code: 'ERR_TUNIC_DROPPED', retryable: true });
    const own = queue('c');
    expect([pool.clear('mine'), pool.clear(), pool.size, pool.running]).toEqual([1, 0, 0, 1]);
    await expect(own).rejects.toBe('mine');
    open();
    await pool.onIdle();
    expect(pool.stats).toEqual({ succeeded: 1, failed: 0, dropped: 3 });
  });

  it('takes an aborted or overdue task out of the queue at once and leaves no listener or timer', async () => {
    const clock = createVirtualClock();
    const { pool, ran, queue, open } = blocked({ clock });
    const controller = new AbortController();
    const aborted = queue('aborted', { signal: controller.signal, maxWait: '1h' });
    const overdue = queue('overdue', { maxWait: '1s' });
    const served = queue('served', { signal: controller.signal, maxWait: '1h' });
    expect([pool.size, clock.pendingTimers]).toEqual([3, 3]);
    await clock.advance('1s');
    await expect(overdue).rejects.toMatchObject({ code: 'ERR_TUNIC_TIMEOUT', retryable: true });
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await expect(served).rejects.toBe('enough');
    expect([pool.size, clock.pendingTimers, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0, 0]);
    await expect(queue('late', { signal: controller.signal })).rejects.toBe('enough');
    open();
    await pool.onIdle();
    expect(ran).toEqual([]);
  });

  it('does not run a task that is aborted between its turn and its start, and gives its place on', async () => {
    const { pool, ran, queue, open } = blocked();
    const controller = new AbortController();
    const late = queue('late', { signal: controller.signal });
    const next = queue('next');
    await held(pool.add(() => 1, { signal: AbortSignal.abort() })).catch(() => undefined);
    pool.resize(2);
    controller.abort('enough');
    await expect(late).rejects.toBe('enough');
    await next;
    open();
    await pool.onIdle();
    expect([ran, pool.stats]).toEqual([['next'], { succeeded: 2, failed: 0, dropped: 1 }]);
  });

  it('times a task out from its start on, and keeps its place until it has really ended', async () => {
    const clock = createVirtualClock();
    const pool = createTaskPool({ concurrency: 1, timeout: '1s', clock });
    let seen: unknown;
    let end!: () => void;
    const slow = held(
      pool.add(({ signal }) => {
        seen = signal;
        return new Promise<void>((resolve) => (end = resolve));
      }),
    );
    const next = pool.add((run) => run.remainingMs(), { timeout: '5s' });
    await clock.advance('1s');
    await expect(slow).rejects.toMatchObject({ code: 'ERR_TUNIC_TIMEOUT' });
    expect([(seen as AbortSignal).aborted, pool.running, pool.size]).toEqual([true, 1, 1]);
    end();
    await expect(next).resolves.toBe(5_000);
    expect([pool.running, pool.stats, clock.pendingTimers]).toEqual([0, { succeeded: 1, failed: 1, dropped: 0 }, 0]);
  });

  it('rejects a running task at once when its signal aborts, and keeps its place until it has really ended', async () => {
    const pool = createTaskPool({ concurrency: 1 });
    const controller = new AbortController();
    let end!: (error: unknown) => void;
    const slow = held(pool.add(() => new Promise<void>((_resolve, reject) => (end = reject)), { signal: controller.signal }));
    controller.abort('enough');
    await expect(slow).rejects.toBe('enough');
    expect(pool.running).toBe(1);
    end(new Error('heard by nobody'));
    await pool.onIdle();
    expect([pool.running, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0]);
  });

  it('starts nothing while paused, and no more than resize allows', async () => {
    const pool = createTaskPool({ concurrency: 2 });
    pool.pause();
    const all = [1, 2, 3].map((n) => pool.add(async () => (await turn(), n)));
    await turn();
    expect([pool.isPaused, pool.running, pool.size]).toEqual([true, 0, 3]);
    pool.resize(1);
    pool.resume();
    expect([pool.isPaused, pool.running]).toEqual([false, 1]);
    pool.resize(Infinity);
    expect(pool.running).toBe(3);
    await Promise.all(all);
    expect(() => pool.resize(0)).toThrow('concurrency');
  });

  it('tells of the moments when it is empty and idle, after those who wait for the last task itself', async () => {
    const { pool, queue, open } = blocked();
    const order: string[] = [];
    const controller = new AbortController();
    const last = queue('last');
    void last.then(() => order.push('last task'));
    void pool.onEmpty().then(() => order.push('empty'));
    void pool.onIdle().then(() => order.push('idle'));
    const aborted = held(pool.onIdle({ signal: controller.signal }));
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await expect(pool.onEmpty({ signal: controller.signal })).rejects.toBe('enough');
    await turn();
    expect(order).toEqual([]);
    open();
    await pool.onIdle();
    await turn();
    expect(order).toEqual(['empty', 'last task', 'idle']);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await Promise.all([pool.onEmpty(), pool.onIdle()]);
  });

  it.each<[string, PoolTaskOptions]>([
    ['bare', {}],
    ['timed', { timeout: '1m' }],
    ['abortable', { signal: new AbortController().signal }],
  ])('has every result told before onIdle resolves (%s tasks)', async (_name, options) => {
    const pool = createTaskPool({ concurrency: 2 });
    const results: number[] = [];
    for (const n of [1, 2, 3, 4, 5]) void pool.add(async () => (await turn(), n), options).then((value) => results.push(value));
    await pool.onIdle();
    expect(results).toEqual([1, 2, 3, 4, 5]);
  });

  it('closes: rejects those that wait and all that come, and waits for those that run', async () => {
    const { pool, queue, open } = blocked();
    const waiting = queue('waiting');
    const closing = pool.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    await expect(pool.add(() => 1)).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    let isClosed = false;
    void closing.then(() => (isClosed = true));
    await turn();
    expect(isClosed).toBe(false);
    open();
    await closing;
    await pool[Symbol.asyncDispose]();
    expect(pool.running).toBe(0);
  });

  it('lets no fault of a task, of who waits for it or of an onIdle watcher touch another task', async () => {
    const pool = createTaskPool({ concurrency: 1 });
    const fault = new Error('mine');
    const first = pool.add(() => 'fine');
    const watcher = pool.onIdle().then(() => Promise.reject(fault));
    const all = [
      first.then(() => Promise.reject(fault)),
      pool.add(() => {
        throw fault;
      }),
      pool.add(() => Promise.reject(fault)),
      watcher,
    ];
    const last = pool.add(() => 'last');
    for (const end of await Promise.all(all.map(reasonOf))) expect(end).toBe(fault);
    await expect(Promise.all([first, last])).resolves.toEqual(['fine', 'last']);
    expect([pool.stats, pool.running]).toEqual([{ succeeded: 2, failed: 2, dropped: 0 }, 0]);
  });

  it('runs each task in its caller’s own async context: 40 of 40', async () => {
    const storage = new AsyncLocalStorage<number>();
    const pool = createTaskPool({ concurrency: 3, rate: '1000/s' });
    const options: PoolTaskOptions[] = [{}, { priority: 1 }, { key: 'k' }, { timeout: '1m' }, { signal: new AbortController().signal }];
    const seen = await Promise.all(
      Array.from({ length: 40 }, (_, id) =>
        storage.run(id, () =>
          pool.add(async () => {
            const before = storage.getStore();
            await turn();
            return before === storage.getStore() ? before : 'changed';
          }, options[id % options.length]),
        ),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 40 }, (_, id) => id));
  });
});

describe('task pool: scale', () => {
  it('takes a rising priority for each of many tasks without a cliff: no O(n) insertion', async () => {
    const cost = async (count: number): Promise<number> => {
      const pool = createTaskPool({ concurrency: 1 });
      const start = process.cpuUsage();
      const all = Array.from({ length: count }, (_, index) => pool.add(() => undefined, { priority: count - index }));
      await Promise.all(all);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / count;
    };
    await cost(25_000);
    const small = await cost(25_000);
    // O(n) insertion would make it sixteen times as dear.
    expect(await cost(400_000)).toBeLessThan(6 * small);
  }, 60_000);
});
