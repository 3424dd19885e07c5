import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { type Lifespan, createLifespan } from '../../src/lifecycle/lifespan.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const never = (): Promise<never> => new Promise<never>(() => undefined);

function withSteps(names: string[], change: Record<string, object> = {}): { lifespan: Lifespan; log: string[]; clock: ReturnType<typeof createVirtualClock> } {
  const log: string[] = [];
  const clock = createVirtualClock();
  const lifespan = createLifespan({ clock });
  for (const name of names) {
    const start = (): void => void log.push(`+${name}`);
    const stop = (): void => void log.push(`-${name}`);
    lifespan.add({ name, start, stop, ...change[name] });
  }
  return { lifespan, log, clock };
}

const throwing = (message: string) => () => {
  throw new Error(message);
};

describe('createLifespan', () => {
  it('starts in order, each after the one before, and stops in reverse', async () => {
    const { lifespan, log, clock } = withSteps(['a', 'b', 'c']);
    const slow = createLifespan({ clock });
    slow.add({ name: 'x', start: () => clock.sleep(10).then(() => void log.push('+x')), stop: () => clock.sleep(10).then(() => void log.push('-x')) });
    slow.add({ name: 'inner', start: () => lifespan.start(), stop: () => lifespan.stop() });
    const starting = slow.start();
    await clock.advance(10);
    await starting;
    const stopping = slow.stop();
    await clock.advance(10);
    await stopping;
    expect(log).toEqual(['+x', '+a', '+b', '+c', '-c', '-b', '-a', '-x']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('starts and stops once, however often it is asked', async () => {
    const { lifespan, log } = withSteps(['a']);
    await Promise.all([lifespan.start(), lifespan.start()]);
    await Promise.all([lifespan.stop(), lifespan.stop(), lifespan[Symbol.asyncDispose]()]);
    expect(log).toEqual(['+a', '-a']);
  });

  it('stops what was started, in reverse, when a start fails, and not the failed one', async () => {
    const { lifespan, log } = withSteps(['a', 'b', 'c', 'd'], { c: { start: throwing('no port') } });
    const error = await lifespan.start().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ERR_TUNIC_LIFESPAN', message: 'start failed: no port', cause: { errors: [{ message: 'no port' }] } });
    expect(log).toEqual(['+a', '+b', '-b', '-a']);
    await lifespan.stop();
    expect(log).toHaveLength(4);
  });

  it('reports the failed start together with every stop that fails after it', async () => {
    const { lifespan } = withSteps(['a', 'b', 'c'], { a: { stop: throwing('stop a') }, b: { stop: throwing('stop b') }, c: { start: throwing('start c') } });
    await expect(lifespan.start()).rejects.toMatchObject({
      code: 'ERR_TUNIC_LIFESPAN',
      cause: { errors: [{ message: 'start c' }, { message: 'stop b' }, { message: 'stop a' }] },
    });
  });

  it('stops every step and reports every error when stops fail', async () => {
    const { lifespan, log } = withSteps(['a', 'b', 'c'], { a: { stop: throwing('stop a') }, c: { stop: () => Promise.reject(new Error('stop c')) } });
    await lifespan.start();
    const error = await lifespan.stop().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ERR_TUNIC_LIFESPAN', message: 'stop failed: stop c; stop a' });
    expect((error as Error).cause).toBeInstanceOf(AggregateError);
    expect(log).toEqual(['+a', '+b', '+c', '-b']);
  });

  it('gives up a start at its time-out, tells it by the signal, and stops the others', async () => {
    let seen: AbortSignal | undefined;
    const start = ({ signal }: { signal: AbortSignal }): Promise<never> => ((seen = signal), never());
    const { lifespan, log, clock } = withSteps(['a', 'b'], { b: { start, timeout: '5s' } });
    const starting = expect(lifespan.start()).rejects.toMatchObject({ code: 'ERR_TUNIC_LIFESPAN', cause: { errors: [{ code: 'ERR_TUNIC_TIMEOUT' }] } });
    await clock.advance('4999ms');
    expect(seen?.aborted).toBe(false);
    await clock.advance('1ms');
    await starting;
    expect([seen?.aborted, log, clock.pendingTimers]).toEqual([true, ['+a', '-a'], 0]);
  });

  it('stops a start that comes through after it was given up', async () => {
    let open: () => void = () => undefined;
    const start = (): Promise<void> => new Promise((resolve) => (open = resolve));
    const { lifespan, log, clock } = withSteps(['a'], { a: { start, timeout: '5s' } });
    const starting = expect(lifespan.start()).rejects.toMatchObject({ code: 'ERR_TUNIC_LIFESPAN' });
    await clock.advance('5s');
    await starting;
    expect(log).toEqual([]);
    open();
    await vi.waitFor(() => expect(log).toEqual(['-a']));
  });

  it('goes on to the next stop when one exceeds its time-out', async () => {
    const { lifespan, log, clock } = withSteps(['a', 'b'], { b: { stop: never, timeout: '5s' } });
    await lifespan.start();
    const stopping = expect(lifespan.stop()).rejects.toMatchObject({ message: 'stop failed: stop of b timed out after 5000 ms' });
    await clock.advance('5s');
    await stopping;
    expect([log, clock.pendingTimers]).toEqual([['+a', '+b', '-a'], 0]);
  });

  it('gives a step a signal that lives until its turn to stop', async () => {
    const events: string[] = [];
    const loop = ({ signal }: { signal: AbortSignal }): void => signal.addEventListener('abort', () => events.push('loop ended'));
    const { lifespan } = withSteps(['a', 'b'], { a: { start: loop, stop: () => void events.push('stop a') }, b: { stop: () => void events.push('stop b') } });
    await lifespan.start();
    expect(events).toEqual([]);
    await lifespan.stop();
    expect(events).toEqual(['stop b', 'loop ended', 'stop a']);
  });

  it('leaves no listener on the signal of start', async () => {
    const { signal } = new AbortController();
    const { lifespan } = withSteps(['a']);
    await lifespan.start({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await lifespan.stop();
  });

  it('logs every step with its duration', async () => {
    const clock = createVirtualClock();
    const logger = { ...silentLogger, info: vi.fn(), error: vi.fn() };
    const lifespan = createLifespan({ clock, logger });
    lifespan.add({ name: 'db', start: () => clock.sleep(20), stop: throwing('stuck') });
    const starting = lifespan.start();
    await clock.advance(20);
    await starting;
    await expect(lifespan.stop()).rejects.toThrow('stuck');
    expect(logger.info.mock.calls).toEqual([[{ step: 'db', durationMs: 20 }, 'start of db done']]);
    expect(logger.error.mock.calls).toEqual([[{ step: 'db', durationMs: 0, err: new Error('stuck') }, 'stop of db failed']]);
  });

  it('refuses bad steps, names given twice and late additions', async () => {
    const { lifespan } = withSteps(['a']);
    expect(() => lifespan.add({ name: '' })).toThrow(/^name:/);
    expect(() => lifespan.add({ name: 'a' })).toThrow(/^name: expected a name of its own/);
    expect(() => lifespan.add({ name: 'b', start: 5 as never })).toThrow(/^start:/);
    expect(() => lifespan.add({ name: 'b', timeout: 'soon' as never })).toThrow(/^timeout:/);
    await lifespan.start();
    expect(() => lifespan.add({ name: 'b' })).toThrow(/before the start/);
  });
});

describe('start and stop against each other', () => {
  const reason = { why: 'deploy' };

  it('stops nothing when it was never started, and cannot be started then', async () => {
    const { lifespan, log } = withSteps(['a']);
    await lifespan.stop();
    await expect(lifespan.start()).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    expect(log).toEqual([]);
  });

  it('starts nothing when the signal is aborted already', async () => {
    const { lifespan, log } = withSteps(['a']);
    await expect(lifespan.start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(log).toEqual([]);
  });

  it('unwinds and rejects with the reason when the signal aborts during a step', async () => {
    const controller = new AbortController();
    const { lifespan, log } = withSteps(['a', 'b', 'c'], { b: { start: never } });
    const starting = lifespan.start({ signal: controller.signal });
    await Promise.resolve();
    controller.abort(reason);
    await expect(starting).rejects.toBe(reason);
    expect(log).toEqual(['+a', '-a']);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('unwinds too when the last step itself aborts the start', async () => {
    const controller = new AbortController();
    const { lifespan, log } = withSteps(['a', 'b'], { b: { start: () => controller.abort(reason) } });
    await expect(lifespan.start({ signal: controller.signal })).rejects.toBe(reason);
    await lifespan.stop();
    await vi.waitFor(() => expect(log).toEqual(expect.arrayContaining(['+a', '-a', '-b'])));
  });

  it('ends the start when stop comes during it, and stops what was started', async () => {
    const { lifespan, log } = withSteps(['a', 'b', 'c'], { b: { start: never } });
    const starting = lifespan.start();
    await vi.waitFor(() => expect(log).toEqual(['+a']));
    await lifespan.stop();
    await expect(starting).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    expect(log).toEqual(['+a', '-a']);
  });

  it('reports what fails while a start is cut short by stop, to the one who stops', async () => {
    const { lifespan, log } = withSteps(['a', 'b'], { a: { stop: throwing('stop a') }, b: { start: () => (log.push('b begins'), never()) } });
    const starting = expect(lifespan.start()).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    await vi.waitFor(() => expect(log).toEqual(['+a', 'b begins']));
    await expect(lifespan.stop()).rejects.toMatchObject({ code: 'ERR_TUNIC_LIFESPAN', cause: { errors: [{ message: 'stop a' }] } });
    await starting;
  });
});
