import { createSeededRandom, createVirtualClock } from '@tunic/core/testing';
import { describe, expect, it } from 'vitest';
import { createSqlTaskStore, openSqlite } from '../../src/index.ts';
import { claimRequest, newTask } from '../support/new-task.ts';

const TASKS = 300;

/** Makes a call until its reply is not lost; about every second one is, after the call did its work. */
function overBadLine(random: () => number): <T>(call: () => Promise<T>) => Promise<T> {
  return async (call) => {
    let reply = await call();
    while (random() < 0.5) reply = await call();
    return reply;
  };
}

describe('over a line that loses every second reply', () => {
  it('every task is added, claimed and settled once, and no attempt or crash is counted', async () => {
    const clock = createVirtualClock();
    using client = await openSqlite(':memory:');
    await using store = createSqlTaskStore({ client, clock });
    const send = overBadLine(createSeededRandom(7));
    const tasks = Array.from({ length: TASKS }, (_, index) => newTask({ id: `t${index}`, input: String(index) }));
    await send(() => store.enqueue(tasks));

    const order: string[] = [];
    for (;;) {
      const request = claimRequest({ limit: 7 });
      const claimed = await send(() => store.claim(request));
      if (claimed.length === 0) break;
      expect(await send(() => store.renew(claimed, 10_000))).toEqual(claimed.map(() => 'held'));
      const settlements = claimed.map(({ id, fence, input }) => ({ id, fence, kind: 'succeed' as const, result: input }));
      expect(await send(() => store.settle(settlements))).toEqual(claimed.map(() => 'settled'));
      order.push(...claimed.map(({ id }) => id));
    }
    expect(order).toEqual(tasks.map(({ id }) => id));
    const records = await store.get(order);
    expect(records.every((record) => record?.fence === 1 && record.failures === 0 && record.crashes === 0)).toBe(true);
    expect(records.map((record) => record?.result)).toEqual(tasks.map(({ input }) => input));
  });
});
