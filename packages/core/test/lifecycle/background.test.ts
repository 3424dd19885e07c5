import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { createContextKey, runWithContext } from '../../src/context/context.ts';
import { isTunicError } from '../../src/errors/tunic-error.ts';
import { type BackgroundOptions, createBackground } from '../../src/lifecycle/background.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const never = (): Promise<never> => new Promise<never>(() => undefined);
const reason = { why: 'deploy' };

function setUp(options: BackgroundOptions = {}) {
  const clock = createVirtualClock();
  const onError = vi.fn<NonNullable<BackgroundOptions['onError']>>();
  const background = createBackground({ clock, onError, ...options });
  const done: string[] = [];
  const job = async (name: string, ms = 10): Promise<void> => {
    await clock.sleep(ms);
    done.push(name);
  };
  return { clock, onError, background, done, job };
}

describe('add', () => {
  it('runs functions, sync or async, with their arguments, in order', async () => {
    const { background, done, job, clock } = setUp({ concurrency: 1 });
    background.add(job, 'async');
    background.add((a: string, b: string) => void done.push(a + b), 'sy', 'nc');
    background.add(job, 'last');
    await clock.advance(20);
    expect(done).toEqual(['async', 'sync', 'last']);
  });

  it('never starts a job before it returns', async () => {
    const { background } = setUp();
    const fn = vi.fn();
    background.add(fn);
    background.schedule({ priority: -5 }, fn);
    expect([fn.mock.calls.length, background.running]).toEqual([0, 2]);
    await background.drain();
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('runs at most `concurrency` at once', async () => {
    const { background, clock } = setUp({ concurrency: 3 });
    let running = 0;
    let most = 0;
    for (let i = 0; i < 20; i++) {
      background.add(async () => {
        most = Math.max(most, ++running);
        await clock.sleep(10);
        running--;
      });
    }
    expect([background.running, background.size]).toEqual([3, 17]);
    await clock.advance(70);
    expect([most, background.running, background.size]).toEqual([3, 0, 0]);
  });

  it('isolates, logs and reports what jobs throw and reject with', async () => {
    const logger = { ...silentLogger, error: vi.fn() };
    const { background, onError, done } = setUp({ concurrency: 1, logger });
    const [thrown, rejected] = [new Error('thrown'), 'rejected'];
    const thrower = (error: Error): never => {
      throw error;
    };
    background.add(thrower, thrown);
    background.add(() => Promise.reject(rejected));
    background.add(() => void done.push('fine'));
    await background.drain();
    expect(done).toEqual(['fine']);
    expect(onError.mock.calls).toEqual([
      [thrown, { name: 'thrower', args: [thrown] }],
      [rejected, { name: '', args: [] }],
    ]);
    expect(logger.error.mock.calls[0]).toEqual([{ err: thrown, job: 'thrower' }, 'background job failed']);
  });

  it('goes on when onError or the logger fail themselves', async () => {
    const throwing = (): never => {
      throw new Error('disk full');
    };
    const done: string[] = [];
    for (const options of [{ onError: throwing }, { onError: () => Promise.reject(new Error('x')) }, { logger: { ...silentLogger, error: throwing } }]) {
      const background = createBackground({ concurrency: 1, ...options });
      background.add(throwing);
      background.add(() => void done.push('next'));
      await background.drain();
    }
    expect(done).toEqual(['next', 'next', 'next']);
  });

  it('throws when maxQueue jobs wait, and takes jobs again when there is room', async () => {
    const { background, clock, done, job } = setUp({ concurrency: 1, maxQueue: 1 });
    background.add(job, 'a');
    background.add(job, 'b');
    expect(() => background.add(job, 'c')).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_QUEUE_FULL', retryable: true }));
    await clock.advance(10);
    background.add(job, 'd');
    await clock.advance(20);
    expect(done).toEqual(['a', 'b', 'd']);
  });

  it('runs every job in the context of its own call, whoever frees its place', async () => {
    const user = createContextKey<number>('user');
    const platform = new AsyncLocalStorage<number>();
    const { background, clock } = setUp({ concurrency: 2 });
    const seen: unknown[] = [];
    const work = async (): Promise<void> => {
      const before = [user.get(), platform.getStore()];
      await clock.sleep(1);
      seen.push([...before, user.get(), platform.getStore()]);
    };
    for (let i = 0; i < 10; i++) runWithContext([[user, i]], () => platform.run(i, () => background.add(work)));
    await clock.advance(10);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => [i, i, i, i]));
  });

  it('refuses bad options by name', () => {
    expect(() => createBackground({ concurrency: 0 })).toThrow(/^concurrency:/);
    expect(() => createBackground({ maxQueue: -1 })).toThrow(/^maxQueue:/);
    expect(() => createBackground({ onError: 5 as never })).toThrow(/^onError:/);
    const { background } = setUp();
    expect(() => background.add(5 as never)).toThrow(/^fn:/);
    expect(() => background.schedule({ priority: NaN }, never)).toThrow(/^priority:/);
    expect(background.running).toBe(0);
  });
});

describe('schedule', () => {
  it('runs lower priorities first and equal ones in order of arrival, without ever comparing functions', async () => {
    const { background, done, clock, job } = setUp({ concurrency: 1 });
    background.add(job, 'first');
    for (const [name, priority] of [['b1', 5], ['a1', 1], ['b2', 5], ['a2', 1], ['urgent', -1], ['b3', 5]] as const) background.schedule({ priority }, job, name);
    await clock.advance(100);
    expect(done).toEqual(['first', 'urgent', 'a1', 'a2', 'b1', 'b2', 'b3']);
  });

  it('drops a job whose signal aborts before it starts, in every state, without a report', async () => {
    const { background, done, clock, job, onError } = setUp({ concurrency: 1 });
    const [early, starting, queued] = [AbortSignal.abort(reason), new AbortController(), new AbortController()];
    background.schedule({ signal: starting.signal }, job, 'starting');
    starting.abort(reason);
    background.add(job, 'running');
    background.schedule({ signal: queued.signal }, job, 'queued');
    background.schedule({ signal: early }, job, 'early');
    background.add(job, 'next');
    await clock.advance(5);
    queued.abort(reason);
    await clock.advance(50);
    expect([done, onError.mock.calls.length, getEventListeners(queued.signal, 'abort').length]).toEqual([['running', 'next'], 0, 0]);
  });

  it('does not touch a job whose signal aborts while it runs or later', async () => {
    const { background, done, clock, job, onError } = setUp();
    const controller = new AbortController();
    background.schedule({ signal: controller.signal }, job, 'a');
    await clock.advance(5);
    controller.abort(reason);
    await clock.advance(5);
    expect([done, onError.mock.calls.length]).toEqual([['a'], 0]);
  });

  it('reports the failure of a running job also when its signal has aborted', async () => {
    const { background, clock, onError } = setUp();
    const controller = new AbortController();
    background.schedule({ signal: controller.signal }, () => clock.sleep('1h', controller.signal));
    await clock.advance(5);
    controller.abort(reason);
    await clock.advance(0);
    expect(onError).toHaveBeenCalledExactlyOnceWith(reason, expect.anything());
  });
});

describe('drain', () => {
  it('resolves at once when there is nothing to do', async () => {
    const { background, clock } = setUp();
    await background.drain();
    await background.drain({ timeout: '1s' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for running, waiting and newly added jobs, failing ones too, and keeps the intake open', async () => {
    const { background, clock, done, job } = setUp({ concurrency: 1 });
    background.add(async () => {
      await job('a');
      background.add(job, 'added meanwhile');
      throw new Error('after all');
    });
    const drained = background.drain().then(() => done.push('drained'));
    await clock.advance(50);
    await drained;
    expect(done).toEqual(['a', 'added meanwhile', 'drained']);
    background.add(job, 'later');
    await clock.advance(10);
    expect(done.at(-1)).toBe('later');
  });

  it('rejects at its time-out, or with the reason of its signal before or while it waits, and leaves nothing behind', async () => {
    const { background, clock } = setUp();
    background.add(never);
    const late = expect(background.drain({ timeout: '1s' })).rejects.toMatchObject({ code: 'ERR_TUNIC_TIMEOUT' });
    await clock.advance('1s');
    await late;
    for (const timeout of [undefined, '1s' as const]) {
      const limit = timeout === undefined ? {} : { timeout };
      await expect(background.drain({ ...limit, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const controller = new AbortController();
      const drained = background.drain({ ...limit, signal: controller.signal });
      controller.abort(reason);
      await expect(drained).rejects.toBe(reason);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    }
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('close', () => {
  it('takes no more jobs, finishes what it has, and then aborts its signal', async () => {
    const { background, clock, done, job, onError } = setUp({ concurrency: 1 });
    background.add(job, 'a');
    background.add(job, 'b');
    const closing = background.close({ grace: '1s' });
    expect(() => background.add(job, 'c')).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_CLOSED' }));
    await clock.advance(19);
    expect(background.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await closing).toEqual({ dropped: 0, abandoned: 0 });
    expect([done, onError.mock.calls.length, background.signal.aborted, clock.pendingTimers]).toEqual([['a', 'b'], 0, true, 0]);
  });

  it('drops waiting jobs after the grace, reports each, and tells running ones by its signal', async () => {
    const { background, clock, done, job, onError } = setUp({ concurrency: 1 });
    background.add(() => clock.sleep('1h', background.signal));
    background.add(job, 'b');
    background.schedule({ priority: 3 }, job, 'c');
    const closing = background.close({ grace: '5s' });
    await clock.advance('5s');
    expect(await closing).toEqual({ dropped: 2, abandoned: 0 });
    expect(onError.mock.calls.map(([error, { args }]) => [isTunicError(error, 'ERR_TUNIC_CLOSED'), ...args].join(' ')).sort()).toEqual(['true', 'true b', 'true c']);
    expect([done, background.size, background.running, clock.pendingTimers]).toEqual([[], 0, 0, 0]);
  });

  it('settles even when a job never ends, and says so', async () => {
    const { background, clock } = setUp();
    background.add(never);
    const closing = background.close({ grace: '5s', abortGrace: '2s' });
    await clock.advance('7s');
    expect(await closing).toEqual({ dropped: 0, abandoned: 1 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('drops and reports waiting jobs also behind one that never ends', async () => {
    const { background, clock, job, onError } = setUp({ concurrency: 1 });
    background.add(never);
    background.add(job, 'b');
    const closing = background.close({ grace: '5s' });
    await clock.advance('6s');
    expect(await closing).toEqual({ dropped: 1, abandoned: 1 });
    expect(onError.mock.calls.map(([error, { args }]) => [isTunicError(error, 'ERR_TUNIC_CLOSED'), ...args])).toEqual([[true, 'b']]);
    expect(background.size).toBe(0);
  });

  it('with no grace drops at once, also jobs that had a place but did not start', async () => {
    const { background, clock, done, job, onError } = setUp({ concurrency: 2 });
    for (const name of ['a', 'b', 'c']) background.add(job, name);
    expect(await background.close({ grace: 0, abortGrace: 0 })).toEqual({ dropped: 3, abandoned: 0 });
    await clock.advance(10);
    expect([done, onError.mock.calls.length]).toEqual([[], 3]);
  });

  it('waits once for all callers; the signal of one ends its own wait only', async () => {
    const { background, clock, job, done } = setUp();
    background.add(job, 'a');
    const controller = new AbortController();
    const first = background.close({ signal: controller.signal });
    const second = background.close({ grace: 0 });
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    await clock.advance(10);
    expect([await second, done]).toEqual([{ dropped: 0, abandoned: 0 }, ['a']]);
    await background[Symbol.asyncDispose]();
  });

  it('rejects bad lengths before it closes anything', async () => {
    const { background } = setUp();
    await expect(background.close({ grace: 'soon' as never })).rejects.toThrow(/^grace:/);
    await expect(background.close({ abortGrace: -1 })).rejects.toThrow(/^abortGrace:/);
    expect(() => background.add(() => undefined)).not.toThrow();
  });
});
