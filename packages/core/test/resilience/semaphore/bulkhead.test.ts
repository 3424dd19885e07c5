import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compose } from '../../../src/compose/compose.ts';
import { createContextKey, runWithContext } from '../../../src/context/context.ts';
import { bulkheadLayer, createBulkhead } from '../../../src/resilience/semaphore/bulkhead.ts';
import { timeout } from '../../../src/resilience/timeout/timeout.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const FULL = { code: 'ERR_TUNIC_QUEUE_FULL', retryable: true };

describe('bulkhead', () => {
  it('runs so many, lets so many wait and refuses the rest', async () => {
    const clock = createVirtualClock();
    const bulkhead = createBulkhead({ concurrency: 2, maxQueue: 1, clock });
    const calls = [1, 2, 3].map((value) => bulkhead.run(() => clock.sleep(10).then(() => value)));
    expect([bulkhead.available, bulkhead.waiting]).toEqual([0, 1]);
    await expect(bulkhead.run(() => 4)).rejects.toMatchObject(FULL);
    await clock.advance(20);
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
    expect([bulkhead.available, bulkhead.waiting, clock.pendingTimers]).toEqual([2, 0, 0]);
  });

  it('lets nobody wait by default', async () => {
    const bulkhead = createBulkhead({ concurrency: 1 });
    void bulkhead.run(() => new Promise(() => undefined));
    await expect(bulkhead.run(() => 1)).rejects.toMatchObject(FULL);
  });

  it('holds the place until the operation has ended, also past a time-out around the call', async () => {
    const clock = createVirtualClock();
    const bulkhead = createBulkhead({ concurrency: 1, clock });
    const call = timeout(() => bulkhead.run(() => clock.sleep(500)), 100, { clock }).catch((error: unknown) => error);
    await clock.advance(100);
    expect(await call).toMatchObject({ code: 'ERR_TUNIC_TIMEOUT' });
    expect(bulkhead.available).toBe(0);
    await clock.advance(400);
    expect(bulkhead.available).toBe(1);
  });

  it('takes an aborted waiter out at once, hands the signal to the operation, and bounds the wait', async () => {
    const clock = createVirtualClock();
    const bulkhead = createBulkhead({ concurrency: 1, maxQueue: 5, clock });
    const controller = new AbortController();
    const first = bulkhead.run(({ signal }) => clock.sleep(100).then(() => signal), { signal: controller.signal });
    const aborted = bulkhead.run(() => 'never', { signal: controller.signal }).catch((error: unknown) => error);
    const late = bulkhead.run(() => 'never', { timeout: 50 }).catch((error: unknown) => error);
    controller.abort('gone');
    expect([await aborted, bulkhead.waiting]).toEqual(['gone', 1]);
    await clock.advance(100);
    expect(await late).toMatchObject({ code: 'ERR_TUNIC_TIMEOUT' });
    expect(await first).toBe(controller.signal);
    await expect(bulkhead.run(() => 'never', { signal: controller.signal })).rejects.toBe('gone');
    expect(bulkhead.available).toBe(1);
  });

  it('frees the place of an operation that fails', async () => {
    const bulkhead = createBulkhead({ concurrency: 1 });
    const boom = new Error('boom');
    for (let i = 0; i < 3; i++)
      await expect(
        bulkhead.run(() => {
          throw boom;
        }),
      ).rejects.toBe(boom);
    expect(bulkhead.available).toBe(1);
  });

  it('rejects who waits when it closes, finishes what runs, and drains', async () => {
    const clock = createVirtualClock();
    const bulkhead = createBulkhead({ concurrency: 1, maxQueue: 1, clock });
    const running = bulkhead.run(() => clock.sleep(10).then(() => 'done'));
    const waiting = bulkhead.run(() => 'never');
    bulkhead.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    await expect(bulkhead.run(() => 'never')).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    const drained = bulkhead.drain();
    await clock.advance(10);
    await drained;
    expect(await running).toBe('done');
    bulkhead[Symbol.dispose]();
  });

  it('runs each of forty operations in the context of its own caller', async () => {
    const bulkhead = createBulkhead({ concurrency: 2, maxQueue: Infinity });
    const key = createContextKey<number>('caller');
    const calls = Array.from({ length: 40 }, (_, id) =>
      runWithContext([[key, id]], () => bulkhead.run(async () => (await Promise.resolve(), key.get()))),
    );
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 40 }, (_, id) => id));
  });

  it('leaves nothing behind after many uses', async () => {
    const clock = createVirtualClock();
    const bulkhead = createBulkhead({ concurrency: 3, maxQueue: Infinity, clock });
    const { signal } = new AbortController();
    for (let i = 0; i < 100; i++) await Promise.all(Array.from({ length: 1000 }, () => bulkhead.run(() => i, { signal, timeout: '1m' })));
    expect([bulkhead.available, bulkhead.waiting, clock.pendingTimers]).toEqual([3, 0, 0]);
  });

  it('never refuses for want of room what it has taken in, in any order of events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.array(fc.boolean(), { maxLength: 12 }), async (scheduler, concurrency, maxQueue, fates) => {
        const bulkhead = createBulkhead({ concurrency, maxQueue });
        let [running, refusals] = [0, 0];
        const operation = async (fails: boolean): Promise<void> => {
          expect(++running).toBeLessThanOrEqual(concurrency);
          await scheduler.schedule(Promise.resolve());
          running--;
          if (fails) throw new Error('own');
        };
        const all = fates.map(async (fails) => {
          await scheduler.schedule(Promise.resolve());
          const mustRefuse = bulkhead.available === 0 && bulkhead.waiting === maxQueue;
          const error = await bulkhead.run(() => operation(fails)).then(() => undefined, (reason: unknown) => reason as Error);
          if (mustRefuse) refusals++;
          expect(error === undefined ? 'ok' : error.message === 'own' ? 'failed' : 'refused').toBe(mustRefuse ? 'refused' : fails ? 'failed' : 'ok');
        });
        await scheduler.waitFor(Promise.all(all));
        expect([running, bulkhead.available, bulkhead.waiting]).toEqual([0, concurrency, 0]);
        expect(refusals).toBeLessThanOrEqual(Math.max(0, fates.length - concurrency - maxQueue));
      }),
      { numRuns: 300 },
    );
  });

  it('is a layer', async () => {
    const clock = createVirtualClock();
    const bulkhead = createBulkhead({ concurrency: 1, clock });
    const call = compose<{ signal?: AbortSignal }, string>([bulkheadLayer(bulkhead, { signal: (context) => context.signal })]);
    await expect(call({ signal: AbortSignal.abort('off') }, () => 'in')).rejects.toBe('off');
    const first = call({}, () => clock.sleep(1).then(() => 'in'));
    await expect(compose([bulkheadLayer(bulkhead)])({})).rejects.toMatchObject(FULL);
    await clock.advance(1);
    expect(await first).toBe('in');
    expect(() => bulkheadLayer({} as never)).toThrow(/^bulkhead: /);
  });

  it('refuses bad options by name', () => {
    expect(() => createBulkhead({ concurrency: 0 })).toThrow(/^concurrency: /);
    expect(() => createBulkhead({ maxQueue: -1 })).toThrow(/^maxQueue: /);
  });
});
