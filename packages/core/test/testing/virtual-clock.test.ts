import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const START = Date.UTC(2030, 0, 1);

describe('createVirtualClock', () => {
  it('stands still until it is advanced, and then shows exactly the time asked for', async () => {
    const clock = createVirtualClock();
    expect([clock.now(), clock.monotonic()]).toEqual([START, 0]);
    await clock.advance('90s');
    expect([clock.now(), clock.monotonic()]).toEqual([START + 90_000, 90_000]);
    await clock.advanceTo(START + 100_000);
    expect(clock.monotonic()).toBe(100_000);
  });

  it('starts at `now`', () => {
    expect(createVirtualClock({ now: 5 }).now()).toBe(5);
    expect(() => createVirtualClock({ now: NaN })).toThrow(/now: expected/);
  });

  it('fires timers in order of time, then of creation, each at its own time', async () => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    const note = (name: string) => () => void fired.push(`${name}@${clock.monotonic()}`);
    clock.setTimeout(note('b1'), 20);
    clock.setTimeout(note('a'), 10);
    clock.setTimeout(note('b2'), 20);
    clock.setTimeout(note('late'), 31);
    await clock.advance(30);
    expect(fired).toEqual(['a@10', 'b1@20', 'b2@20']);
    expect(clock.pendingTimers).toBe(1);
  });

  it('fires timers that are set on the way when they come due within the same advance', async () => {
    const clock = createVirtualClock();
    const ticks: number[] = [];
    const tick = (): void => {
      ticks.push(clock.monotonic());
      clock.setTimeout(tick, 100);
    };
    clock.setTimeout(tick, 100);
    await clock.advance(350);
    expect(ticks).toEqual([100, 200, 300]);
    await clock.advance(50);
    expect(ticks).toEqual([100, 200, 300, 400]);
  });

  it('lets promise chains of a thousand awaits come to rest between two timers', async () => {
    const clock = createVirtualClock();
    const log: string[] = [];
    const flow = async (): Promise<void> => {
      await clock.sleep(10);
      for (let i = 0; i < 1_000; i++) await Promise.resolve();
      log.push(`chain@${clock.monotonic()}`);
    };
    const flowing = flow();
    clock.setTimeout(() => void log.push('second'), 10);
    clock.setTimeout(() => void log.push('third'), 11);
    await clock.advance(11);
    await flowing;
    expect(log).toEqual(['chain@10', 'second', 'third']);
  });

  it('lets code run first that is about to set its timer', async () => {
    const clock = createVirtualClock();
    const flow = (async () => {
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      await clock.sleep(10);
      return clock.monotonic();
    })();
    await clock.advance(10);
    expect(await flow).toBe(10);
  });

  it('waits for tracked work before time goes on', async () => {
    const clock = createVirtualClock();
    let seenAt = -1;
    clock.setTimeout(() => {
      const io = new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() => void (seenAt = clock.monotonic()));
      void clock.track(io);
    }, 10);
    await clock.advance(1_000);
    expect(seenAt).toBe(10);
  });

  it('goes on after tracked work that fails, and leaves the failure to its caller', async () => {
    const clock = createVirtualClock();
    const failing = clock.track(Promise.reject(new Error('io')));
    await clock.advance(1);
    await expect(failing).rejects.toThrow('io');
  });

  it('rejects with what a timer throws, and can go on afterwards', async () => {
    const clock = createVirtualClock();
    const boom = new Error('boom');
    let later = false;
    clock.setTimeout(() => {
      throw boom;
    }, 10);
    clock.setTimeout(() => void (later = true), 20);
    await expect(clock.advance(30)).rejects.toBe(boom);
    expect([clock.monotonic(), later]).toEqual([10, false]);
    await clock.advance(10);
    expect([clock.monotonic(), later, clock.pendingTimers]).toEqual([20, true, 0]);
  });

  it('runs advances that are made at once one after another', async () => {
    const clock = createVirtualClock();
    await Promise.all([clock.advance(10), clock.advance(20), clock.advance(30)]);
    expect(clock.monotonic()).toBe(60);
  });

  it('drops a cleared timer, and ignores one that has fired, was cleared or is not its own', async () => {
    const clock = createVirtualClock();
    let count = 0;
    const timer = clock.setTimeout(() => count++, 10);
    const dropped = clock.setTimeout(() => count++, 10);
    clock.clearTimeout(dropped);
    clock.clearTimeout(dropped);
    clock.clearTimeout({});
    await clock.advance(10);
    clock.clearTimeout(timer);
    expect([count, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('takes negative and broken lengths of a timer for 0, and never fires an infinite one', async () => {
    const clock = createVirtualClock();
    let count = 0;
    clock.setTimeout(() => count++, -5);
    clock.setTimeout(() => count++, NaN);
    clock.setTimeout(() => count++, Infinity);
    await clock.advance('1000d');
    expect([count, clock.pendingTimers]).toEqual([2, 1]);
    await clock.runUntilIdle();
    expect(clock.pendingTimers).toBe(1);
  });

  it('reports timers of length 0 that set each other without end', async () => {
    const clock = createVirtualClock();
    const again = (): void => void clock.setTimeout(again, 0);
    again();
    await expect(clock.advance(1)).rejects.toMatchObject({ code: 'ERR_TUNIC_TIMEOUT' });
  });

  it('runs until only unreferenced timers are left, and reports work that never ends', async () => {
    const clock = createVirtualClock();
    const heartbeat = (): void => void clock.setTimeout(heartbeat, 1_000, { unref: true });
    heartbeat();
    const nap = clock.sleep('1h');
    await clock.runUntilIdle();
    await nap;
    expect([clock.monotonic(), clock.pendingTimers]).toEqual([3_600_000, 1]);

    const poll = (): void => void clock.setTimeout(poll, 1);
    poll();
    await expect(clock.runUntilIdle({ maxTimers: 50 })).rejects.toMatchObject({ code: 'ERR_TUNIC_TIMEOUT' });
  });

  it('sets the wall clock on and back without touching timers or the monotonic clock', async () => {
    const clock = createVirtualClock();
    let firedAt = -1;
    clock.setTimeout(() => void (firedAt = clock.monotonic()), 100);
    clock.jumpWall('2h');
    expect(clock.now()).toBe(START + 7_200_000);
    clock.jumpWall(-7_200_500);
    expect([clock.now(), clock.monotonic()]).toEqual([START - 500, 0]);
    await clock.advance(100);
    expect([firedAt, clock.now()]).toEqual([100, START - 400]);
  });

  it('moves only the wall clock while the machine sleeps', async () => {
    const clock = createVirtualClock();
    let fired = false;
    clock.setTimeout(() => void (fired = true), 100);
    clock.suspend('1h');
    await clock.advance(99);
    expect([fired, clock.now(), clock.monotonic()]).toEqual([false, START + 3_600_099, 99]);
    await clock.advance(1);
    expect(fired).toBe(true);
  });

  it.each([NaN, Infinity, -1, '-1s', 'soon', undefined])('rejects advancing by %s', async (garbage) => {
    const clock = createVirtualClock();
    await expect(clock.advance(garbage as never)).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
    expect(clock.monotonic()).toBe(0);
  });

  it('rejects advancing to a time that has passed or is none', async () => {
    const clock = createVirtualClock();
    for (const time of [START - 1, NaN, Infinity]) await expect(clock.advanceTo(time)).rejects.toThrow(/epochMs: expected/);
    await clock.advance(1);
    expect(clock.now()).toBe(START + 1);
  });

  it('leaves no timer when a sleep is aborted before, during or after it', async () => {
    const clock = createVirtualClock();
    const reason = { why: 'stop' };
    await expect(clock.sleep(10, AbortSignal.abort(reason))).rejects.toBe(reason);
    const during = new AbortController();
    const nap = clock.sleep(10, during.signal);
    during.abort(reason);
    await expect(nap).rejects.toBe(reason);
    const after = new AbortController();
    const slept = clock.sleep(10, after.signal);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(10);
    after.abort(reason);
    await slept;
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('forNode', () => {
  it('shows a skewed wall clock over the same timers', async () => {
    const clock = createVirtualClock();
    const node = clock.forNode('a', -5_000);
    const order: string[] = [];
    node.setTimeout(() => void order.push('node'), 10);
    clock.setTimeout(() => void order.push('root'), 10);
    await clock.advance(10);
    expect([order, node.now(), node.monotonic()]).toEqual([['node', 'root'], START - 4_990, 10]);
  });

  it('gives the same view for the same id, with the latest skew', () => {
    const clock = createVirtualClock();
    const node = clock.forNode('a', 10);
    expect(clock.forNode('a')).toBe(node);
    expect(node.now()).toBe(START + 10);
    clock.forNode('a', -10);
    expect([node.now(), node.id, clock.forNode('b').now()]).toEqual([START - 10, 'a', START]);
  });

  it('freezes one node: its timers come late, its monotonic clock stands still, its wall clock goes on', async () => {
    const clock = createVirtualClock();
    const [a, b] = [clock.forNode('a'), clock.forNode('b')];
    const fired: string[] = [];
    a.setTimeout(() => void fired.push(`a@${clock.monotonic()}`), 50);
    b.setTimeout(() => void fired.push(`b@${clock.monotonic()}`), 60);
    await clock.advance(20);
    a.suspend(100);
    await clock.advance(40);
    expect([a.monotonic(), a.now(), b.monotonic(), fired]).toEqual([20, START + 60, 60, ['b@60']]);
    a.setTimeout(() => void fired.push(`set-while-frozen@${clock.monotonic()}`), 10);
    await clock.advance(200);
    expect(fired).toEqual(['b@60', 'set-while-frozen@130', 'a@150']);
    expect(a.monotonic()).toBe(160);
  });

  it('adds up freezes that overlap', async () => {
    const clock = createVirtualClock();
    const node = clock.forNode('a');
    node.suspend(100);
    await clock.advance(50);
    node.suspend(100);
    expect(node.monotonic()).toBe(0);
    await clock.advance(250);
    expect(node.monotonic()).toBe(100);
  });

  it('drops the timers of a killed node, the later ones too, and nobody else’s', async () => {
    const clock = createVirtualClock();
    const node = clock.forNode('a');
    const fired: string[] = [];
    node.setTimeout(() => void fired.push('dead'), 10);
    clock.forNode('b').setTimeout(() => void fired.push('alive'), 10);
    node.kill();
    node.setTimeout(() => void fired.push('dead'), 10);
    await clock.advance(10);
    expect([fired, clock.pendingTimers]).toEqual([['alive'], 0]);
  });
});
