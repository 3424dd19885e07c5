import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { constant } from '../../src/resilience/retry/backoff.ts';
import { createTasks, type Tasks, type TasksOptions } from '../../src/tasks/create-tasks.ts';
import { defineTask, type TaskOptions } from '../../src/tasks/define-task.ts';
import { createMemoryTaskStore } from '../../src/tasks/memory-store.ts';
import type { TaskStore } from '../../src/tasks/store.ts';
import type { TaskRun } from '../../src/tasks/task-run.ts';
import { createVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock.ts';
import { type Fault, faultyStore } from './faulty-store.ts';

let clock: VirtualClock;
let store: TaskStore;
let open: Tasks[];

beforeEach(() => {
  clock = createVirtualClock();
  store = createMemoryTaskStore({ clock });
  open = [];
});

afterEach(async () => {
  const closing = Promise.all(open.map((tasks) => tasks.close()));
  await clock.advance('1m');
  await closing;
  expect(clock.pendingTimers).toBe(0);
});

function create(task: Omit<TaskOptions<number, number, unknown>, 'name'>, options: Partial<TasksOptions> = {}) {
  const work = defineTask({ name: 'work', backoff: constant('10s'), ...task });
  const tasks = createTasks({ store, clock, tasks: [work], ...options });
  open.push(tasks);
  return { tasks, work };
}

/** A handler that ends when it is told to, and the runs that it was called for. */
function gate() {
  const runs: { input: number; task: TaskRun; open: (value?: unknown) => void; fail: (error: unknown) => void }[] = [];
  const run = (input: number, task: TaskRun): Promise<unknown> =>
    new Promise((resolve, reject) => runs.push({ input, task, open: resolve, fail: reject }));
  return { runs, run, at: (index: number) => runs[index] ?? expect.fail(`run ${index} has not begun`) };
}

describe('a worker', () => {
  it('runs tasks and hands their results over', async () => {
    const { tasks, work } = create({ run: (input) => ({ double: input * 2 }) });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 21);
    const result = handle.result();
    await clock.advance('1s');
    expect(await result).toEqual({ double: 42 });
    expect(await handle.get()).toMatchObject({ state: 'succeeded', input: 21, result: { double: 42 }, failures: 0 });
  });

  it('tries again after the backoff, then succeeds, with the attempt counted', async () => {
    const attempts: number[] = [];
    const { tasks, work } = create({
      run: (_, task) => {
        attempts.push(task.attempt);
        if (task.attempt < 3) throw new Error(`attempt ${task.attempt}`);
        return 'ok';
      },
    });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('9s');
    expect(attempts).toEqual([1]);
    expect(await handle.get()).toMatchObject({ state: 'scheduled', failures: 1, error: { message: 'attempt 1' } });
    await clock.advance('15s');
    expect(attempts).toEqual([1, 2, 3]);
    expect(await handle.get()).toMatchObject({ state: 'succeeded', failures: 2, error: undefined, result: 'ok' });
  });

  it('ends a task as failed after its last attempt, and its result rejects with the last error', async () => {
    const failures: [unknown, boolean][] = [];
    const { tasks, work } = create({
      attempts: 2,
      run: (_, task) => {
        throw Object.assign(new Error(`attempt ${task.attempt}`), { code: 'E_X' });
      },
      onFailure: (error, _, { final }) => failures.push([(error as Error).message, final]),
    });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    const result = handle.result().catch((error: unknown) => error);
    await clock.advance('30s');
    expect(await result).toMatchObject({ code: 'ERR_TUNIC_TASK_FAILED', cause: { message: 'attempt 2', code: 'E_X' } });
    expect(await handle.get()).toMatchObject({ state: 'failed', failures: 2 });
    expect(failures).toEqual([
      ['attempt 1', false],
      ['attempt 2', true],
    ]);
  });

  it('does not try again what says that it is not retryable', async () => {
    const { tasks, work } = create({
      run: () => {
        throw Object.assign(new Error('no use'), { retryable: false });
      },
    });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('1s');
    expect(await handle.get()).toMatchObject({ state: 'failed', failures: 1 });
  });

  it('waits at least as long as the error asks', async () => {
    let runs = 0;
    const { TunicError } = await import('../../src/errors/tunic-error.ts');
    const { tasks, work } = create({
      backoff: constant(0),
      run: () => {
        runs += 1;
        throw new TunicError('ERR_TUNIC_STORE_BUSY', 'busy', { retryable: true, retryAfterMs: 60_000 });
      },
    });
    await tasks.worker().start();
    await tasks.enqueue(work, 1);
    await clock.advance('59s');
    expect(runs).toBe(1);
    await clock.advance('3s');
    expect(runs).toBe(2);
  });

  it('keeps to its concurrency and starts the next as soon as one ends', async () => {
    const { runs, run, at } = gate();
    const { tasks, work } = create({ run });
    const worker = tasks.worker({ concurrency: 2 });
    await worker.start();
    await tasks.enqueueMany([1, 2, 3].map((input) => ({ task: work, input })));
    await clock.advance(0);
    expect([runs.length, worker.running]).toEqual([2, 2]);
    at(0).open();
    await clock.advance(0);
    expect(runs.map(({ input }) => input)).toEqual([1, 2, 3]);
    for (const { open: end } of runs) end();
  });

  it('takes lower priorities first and delayed tasks in their time', async () => {
    const order: number[] = [];
    const { tasks, work } = create({ run: (input) => order.push(input) });
    await tasks.enqueue(work, 3, { priority: 3 });
    await tasks.enqueue(work, 1, { priority: 1 });
    await tasks.enqueue(work, 9, { delay: '5s', priority: -5 });
    await tasks.enqueue(work, 8, { runAt: new Date(clock.now() + 3000) });
    await tasks.worker({ concurrency: 1 }).start();
    await clock.advance('1s');
    expect(order).toEqual([1, 3]);
    await clock.advance('6s');
    expect(order).toEqual([1, 3, 8, 9]);
  });

  it('fails a task that it has no definition for, clearly, and goes on', async () => {
    const other = defineTask({ name: 'other', attempts: 1, run: () => 1 });
    const { tasks, work } = create({ run: () => 'fine' }, { random: () => 0.99 });
    await tasks.worker().start();
    const unknown = await tasks.enqueue(other, undefined);
    const known = await tasks.enqueue(work, 1);
    await clock.advance('500ms');
    expect(await unknown.get()).toMatchObject({ state: 'scheduled', failures: 1, error: { code: 'ERR_TUNIC_TASK_UNKNOWN' } });
    expect(await known.get()).toMatchObject({ state: 'succeeded' });
  });

  it('checks the input against the schema when it is enqueued and again when it runs', async () => {
    let limit = 10;
    const input = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof value === 'number' && value <= limit ? { value: value + 1 } : { issues: [{ message: 'too large', path: ['n', { key: 0 }] }] },
      },
    };
    const { tasks, work } = create({ input, run: (parsed) => parsed });
    await tasks.worker().start();
    await expect(tasks.enqueue(work, 11)).rejects.toMatchObject({ code: 'ERR_TUNIC_TASK_INPUT', message: 'input of work: n.0: too large' });
    const good = await tasks.enqueue(work, 1);
    const late = await tasks.enqueue(work, 10, { delay: '5s' });
    await clock.advance('1s');
    expect(await good.get()).toMatchObject({ state: 'succeeded', input: 1, result: 2 });
    limit = 5;
    await clock.advance('6s');
    expect(await late.get()).toMatchObject({ state: 'failed', failures: 1, error: { code: 'ERR_TUNIC_TASK_INPUT' } });
  });

  it('fails a result that JSON cannot hold', async () => {
    const { tasks, work } = create({ attempts: 1, run: () => 10n });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('1s');
    expect(await handle.get()).toMatchObject({ state: 'failed', error: { code: 'ERR_TUNIC_TASK_INPUT' } });
  });

  it('runs every layer around the handler, with the task in sight', async () => {
    const seen: string[] = [];
    const { tasks, work } = create(
      { run: (input) => seen.push(`run ${input}`) },
      {
        middleware: [
          async ({ task, input }, next) => {
            seen.push(`in ${task.name} ${String(input)}`);
            const result = await next();
            seen.push('out');
            return result;
          },
        ],
      },
    );
    await tasks.worker().start();
    await tasks.enqueue(work, 7);
    await clock.advance(0);
    expect(seen).toEqual(['in work 7', 'run 7', 'out']);
  });

  it('softTimeout aborts the signal; timeout ends the attempt whatever the handler does', async () => {
    const reasons: unknown[] = [];
    const { tasks, work } = create({
      attempts: 1,
      softTimeout: '2s',
      timeout: '5s',
      run: (_, task) =>
        new Promise(() => {
          task.signal.addEventListener('abort', () => reasons.push((task.signal.reason as { code: string }).code));
        }),
    });
    const worker = tasks.worker();
    await worker.start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('3s');
    expect(reasons).toEqual(['ERR_TUNIC_TIMEOUT']);
    expect(await handle.get()).toMatchObject({ state: 'running' });
    await clock.advance('3s');
    expect(await handle.get()).toMatchObject({ state: 'failed', error: { code: 'ERR_TUNIC_TIMEOUT' } });
    expect(worker.running).toBe(0);
  });

  it('a handler that obeys its softTimeout may still succeed', async () => {
    const { tasks, work } = create({
      softTimeout: '2s',
      run: (_, task) => new Promise((resolve) => task.signal.addEventListener('abort', () => resolve('partial'))),
    });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('3s');
    expect(await handle.get()).toMatchObject({ state: 'succeeded', result: 'partial' });
  });

  it('cancel aborts a running handler at once, whose outcome is dropped', async () => {
    const { run, at } = gate();
    const { tasks, work } = create({ run });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    const result = handle.result().catch((error: unknown) => error);
    await clock.advance(0);
    expect(await handle.cancel()).toBe('cancelled');
    await clock.advance(0);
    expect(at(0).task.signal.reason).toMatchObject({ code: 'ERR_TUNIC_TASK_CANCELLED' });
    at(0).open('too late');
    await clock.advance('1s');
    expect(await result).toMatchObject({ code: 'ERR_TUNIC_TASK_CANCELLED' });
    expect(await handle.get()).toMatchObject({ state: 'cancelled', result: undefined });
    expect(await handle.cancel()).toBe('cancelled');
  });

  it('keeps a lease alive for as long as the handler works', async () => {
    const { runs, run, at } = gate();
    const { tasks, work } = create({ run });
    await tasks.worker({ lease: '10s' }).start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('10m');
    expect(runs.length).toBe(1);
    at(0).open('long');
    await clock.advance(0);
    expect(await handle.get()).toMatchObject({ state: 'succeeded', crashes: 0 });
  });

  it('stores progress within a quarter of a second, the newest only', async () => {
    const { run, at } = gate();
    const { tasks, work } = create({ run });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance(0);
    at(0).task.progress({ done: 1 });
    at(0).task.progress({ done: 2 });
    await clock.advance('250ms');
    expect(await handle.get()).toMatchObject({ state: 'running', progress: { done: 2 } });
    at(0).task.progress({ done: 3 });
    at(0).open();
    await clock.advance(0);
    expect(await handle.get()).toMatchObject({ state: 'succeeded', progress: { done: 3 } });
    expect(() => at(0).task.progress(1n)).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_TASK_INPUT' }));
  });

  it('a handler can enqueue further tasks, named so that a second run adds none', async () => {
    const { tasks, work } = create({
      run: async (input, task) => {
        if (input < 3) await task.enqueue(work, input + 1, { id: `${task.idempotencyKey}+` });
        return input;
      },
    });
    await tasks.worker().start();
    await tasks.enqueue(work, 1, { id: 'first' });
    await clock.advance('1s');
    expect((await tasks.list()).map(({ id, result }) => [id, result])).toEqual([
      ['first++', 3],
      ['first+', 2],
      ['first', 1],
    ]);
  });

  it('hooks that throw break nothing', async () => {
    const lines: string[] = [];
    const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (_: object, text: string) => lines.push(text), child: () => logger };
    const { tasks, work } = create(
      {
        run: () => 'ok',
        onSuccess: () => {
          throw new Error('hook');
        },
      },
      { logger },
    );
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('1s');
    expect(await handle.get()).toMatchObject({ state: 'succeeded' });
    expect(lines).toHaveLength(1);
  });
});

describe('a stopping worker', () => {
  it('claims nothing more, lets handlers finish, and settles them', async () => {
    const { runs, run, at } = gate();
    const { tasks, work } = create({ run });
    const worker = tasks.worker({ concurrency: 1 });
    await worker.start();
    const [first, second] = await tasks.enqueueMany([1, 2].map((input) => ({ task: work, input })));
    await clock.advance(0);
    let stopped = false;
    const stop = worker.stop({ grace: '10s' }).then(() => (stopped = true));
    await clock.advance('5s');
    expect(stopped).toBe(false);
    at(0).open('done');
    await clock.advance(0);
    await stop;
    expect(runs.length).toBe(1);
    expect(await first?.get()).toMatchObject({ state: 'succeeded', result: 'done' });
    expect(await second?.get()).toMatchObject({ state: 'queued', failures: 0, crashes: 0 });
    expect(clock.pendingTimers).toBe(0);
    await expect(worker.start()).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
  });

  it('aborts handlers after the grace; what they were at goes back and costs no attempt', async () => {
    const { tasks, work } = create({
      run: (_, task) => new Promise((_resolve, reject) => task.signal.addEventListener('abort', () => reject(task.signal.reason as Error))),
    });
    const worker = tasks.worker();
    await worker.start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance(0);
    const stop = worker.stop({ grace: '3s' });
    await clock.advance('3s');
    await stop;
    expect(await handle.get()).toMatchObject({ state: 'queued', failures: 0, crashes: 0 });
  });

  it('leaves a handler that ignores its signal to the lease, within a bounded time', async () => {
    const { run, at } = gate();
    const { tasks, work } = create({ run });
    const worker = tasks.worker();
    await worker.start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance(0);
    const stop = worker.stop({ grace: '3s', abortGrace: '2s' });
    await clock.advance('5s');
    await stop;
    expect(clock.pendingTimers).toBe(0);
    await clock.advance('10s');
    await store.reap(10);
    expect(await handle.get()).toMatchObject({ state: 'queued', crashes: 1 });
    at(0).open('much too late');
    await clock.advance('1s');
    expect(await handle.get()).toMatchObject({ state: 'queued', result: undefined });
  });

  it('gives back unstarted what a claim brings after the stop', async () => {
    let answer: (() => void) | undefined;
    const slow = new Proxy(store, {
      get: (target, property: keyof TaskStore) =>
        property === 'claim'
          ? async (...values: Parameters<TaskStore['claim']>) => {
              const claimed = await target.claim(...values);
              await new Promise<void>((resolve) => (answer = resolve));
              return claimed;
            }
          : (target[property] as () => void).bind(target),
    });
    const { runs, run } = gate();
    const { tasks, work } = create({ run }, { store: slow });
    const handle = await tasks.enqueue(work, 1);
    const worker = tasks.worker();
    await worker.start();
    await clock.advance(0);
    expect(await handle.get()).toMatchObject({ state: 'running' });
    const stop = worker.stop();
    answer?.();
    await clock.advance(0);
    await stop;
    expect(runs).toEqual([]);
    expect(await handle.get()).toMatchObject({ state: 'queued', failures: 0, crashes: 0 });
  });

  it('stops at once when it never started, and as often as it is asked', async () => {
    const { tasks } = create({ run: () => 1 });
    const worker = tasks.worker();
    await Promise.all([worker.stop(), worker.stop(), worker[Symbol.asyncDispose]()]);
    expect(worker.running).toBe(0);
  });
});

describe('a worker whose store fails', () => {
  function createFaulty(faults: Partial<Record<string, Fault[]>>, task: Omit<TaskOptions<number, number, unknown>, 'name'>) {
    return create(task, { store: faultyStore(store, (method) => faults[method]?.shift() ?? 'none') });
  }

  it('one lost reply to any call spends no attempt and runs nothing twice', async () => {
    for (const method of ['enqueue', 'claim', 'settle', 'renew', 'reap']) {
      for (const fault of ['reply lost', 'refused', 'done twice', 'never answered'] as const) {
        // Who enqueues is told of no answer by their own time-out.
        if (fault === 'never answered' && method === 'enqueue') continue;
        let runs = 0;
        const { tasks, work } = createFaulty(
          { [method]: [fault] },
          {
            run: async () => {
              runs += 1;
              await clock.sleep('20s');
              return 'ok';
            },
          },
        );
        await tasks.worker({ lease: '30s' }).start();
        const enqueued = tasks.enqueue(work, 1);
        await clock.advance('2m');
        expect([method, fault, runs, await (await enqueued).get()]).toMatchObject([
          ...[method, fault, 1],
          { state: 'succeeded', failures: 0, crashes: 0 },
        ]);
        const closing = tasks.close();
        await clock.advance('1m');
        await closing;
      }
    }
  });

  it('a settlement is repeated until it is confirmed, and the lease is kept meanwhile', async () => {
    const { tasks, work } = createFaulty({ settle: Array.from({ length: 20 }, () => 'refused' as const) }, { run: () => 'ok' });
    await tasks.worker({ lease: '5s' }).start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('1m');
    expect(await handle.get()).toMatchObject({ state: 'succeeded', failures: 0, crashes: 0 });
  });

  it('a worker cut off for longer than its lease aborts its handlers, and the fence drops what they bring', async () => {
    let cut = false;
    const { runs, run, at } = gate();
    const { tasks, work } = create({ run }, { store: faultyStore(store, () => (cut ? 'refused' : 'none')) });
    await tasks.worker({ lease: '10s' }).start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('1s');
    cut = true;
    await clock.advance('20s');
    expect(at(0).task.signal.reason).toMatchObject({ code: 'ERR_TUNIC_LEASE_LOST' });
    await store.reap(10);
    const [elsewhere] = await store.claim({ requestId: 'x', worker: 'x', queues: ['default'], limit: 1, leaseMs: 60_000 });
    cut = false;
    at(0).open('stale');
    await clock.advance('5s');
    expect(await handle.get()).toMatchObject({ state: 'running', result: undefined });
    await store.settle([{ id: elsewhere?.id ?? '', fence: elsewhere?.fence ?? 0, kind: 'succeed', result: '"fresh"' }]);
    expect(await handle.get()).toMatchObject({ state: 'succeeded', result: 'fresh', failures: 0 });
    expect(runs).toHaveLength(1);
  });

  it('never stops silently: after an outage of any length it works again', async () => {
    let down = true;
    const { tasks, work } = create({ run: () => 'ok' }, { store: faultyStore(store, (method) => (down && method !== 'enqueue' ? 'refused' : 'none')) });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    await clock.advance('2h');
    down = false;
    const result = handle.result();
    await clock.advance('10s');
    expect(await result).toBe('ok');
  });
});

describe('results', () => {
  it('time out, abort and end with close, and change nothing', async () => {
    const { tasks, work } = create({ run: () => 1 });
    const handle = await tasks.enqueue(work, 1);
    const controller = new AbortController();
    const reason = new Error('enough');
    const waits = [
      handle.result({ timeout: '5s' }),
      handle.result({ signal: controller.signal }),
      handle.result({ signal: AbortSignal.abort(reason) }),
      handle.result(),
    ].map((wait) => wait.catch((error: unknown) => error));
    await clock.advance('4s');
    controller.abort(reason);
    await clock.advance('2s');
    await tasks.close();
    expect(await Promise.all(waits)).toMatchObject([{ code: 'ERR_TUNIC_TIMEOUT' }, reason, reason, { code: 'ERR_TUNIC_CLOSED' }]);
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(0);
    expect((await store.get([handle.id]))[0]?.state).toBe('queued');
    await expect(tasks.enqueue(work, 1)).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
  });

  it('of a task that is not there reject with not found', async () => {
    const { tasks } = create({ run: () => 1 });
    await expect(tasks.handle('nobody').result()).rejects.toMatchObject({ code: 'ERR_TUNIC_TASK_NOT_FOUND' });
    expect(await tasks.cancel('nobody')).toBe('missing');
    expect(await tasks.get('nobody')).toBeUndefined();
  });

  it('arrive though the store fails now and then', async () => {
    let calls = 0;
    const flaky = faultyStore(store, (method) => (method === 'get' && (calls += 1) % 2 === 1 ? 'reply lost' : 'none'));
    const { tasks, work } = create({ run: () => 'ok' }, { store: flaky });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    const result = handle.result();
    await clock.advance('3s');
    expect(await result).toBe('ok');
    expect(calls).toBeGreaterThan(1);
  });

  it('arrive without hints, by polling', async () => {
    const deaf = new Proxy(store, {
      get: (target, property: keyof TaskStore) =>
        property === 'wake' ? () => () => undefined : (target[property] as () => void).bind(target),
    });
    const { tasks, work } = create({ run: () => 'ok' }, { store: deaf });
    await tasks.worker().start();
    const handle = await tasks.enqueue(work, 1);
    const result = handle.result();
    await clock.advance('3s');
    expect(await result).toBe('ok');
  });
});
