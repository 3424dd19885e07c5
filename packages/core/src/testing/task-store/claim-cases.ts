import { expectEqual, expectTrue } from '../contract-assert.ts';
import type { TaskStoreCases } from './cases.ts';
import { idsOf, newTask } from './harness.ts';

/** Order, time and sharing out. */
export const claimCases: TaskStoreCases = {
  'ordered: priority first, then runAt, then arrival': async (bench) => {
    await bench.add(
      { id: 'last', priority: 5 },
      { id: 'second', priority: 1, runAtMs: 2000 },
      { id: 'fourth', priority: 1 },
      { id: 'first', priority: 1, runAtMs: 1000 },
      { id: 'third', priority: 1, runAtMs: 2000 },
      { id: 'zeroth', priority: -1000 },
      { id: 'end', priority: 1000 },
    );
    const claimed = [...(await bench.claim({ limit: 3 })), ...(await bench.claim({ limit: 9 }))];
    expectEqual(idsOf(claimed), ['zeroth', 'first', 'second', 'third', 'fourth', 'last', 'end'], 'order');
  },
  'ordered: queues in the order given, and no other queue': async (bench) => {
    await bench.add({ id: 'a', queue: 'x' }, { id: 'b', queue: 'y', priority: -9 }, { id: 'c', queue: 'z' });
    expectEqual(idsOf(await bench.claim({ queues: ['x', 'y'] })), ['a', 'b'], 'order');
    expectEqual(idsOf(await bench.claim({ queues: ['z', 'none'] })), ['c'], 'the third queue');
  },
  'ordered: a task that falls due takes its place among the waiting': async (bench) => {
    await bench.add({ id: 'waiting', priority: 1 }, { id: 'later', priority: 0, delayMs: 5 * bench.unitMs });
    await bench.pass(6);
    expectEqual(idsOf(await bench.claim()), ['later', 'waiting'], 'order');
  },
  'claim: limit is kept, and an empty queue gives nothing': async (bench) => {
    expectEqual(await bench.claim(), [], 'nothing');
    await bench.add({ id: 'a' }, { id: 'b' }, { id: 'c' });
    expectEqual(idsOf(await bench.claim({ limit: 2 })), ['a', 'b'], 'first two');
    expectEqual(idsOf(await bench.claim({ limit: 2 })), ['c'], 'the rest');
  },
  'claim: a delayed task waits for its time and not longer': async (bench) => {
    await bench.add({ id: 'a', delayMs: 20 * bench.unitMs });
    expectEqual((await bench.record('a')).state, 'scheduled', 'state');
    await bench.pass(2);
    expectEqual(await bench.claim(), [], 'too early');
    await bench.pass(19);
    expectEqual(idsOf(await bench.claim()), ['a'], 'due');
  },
  'claim: a task of the far future waits, one of the past runs at once': async (bench) => {
    await bench.add({ id: 'future', runAtMs: 8_000_000_000_000_000 }, { id: 'past', runAtMs: -1000 });
    expectEqual(idsOf(await bench.claim()), ['past'], 'claimed');
    const record = await bench.record('future');
    expectEqual([record.state, record.runAtMs], ['scheduled', 8_000_000_000_000_000], 'future');
  },
  'claim: each claim makes the task running under a greater fence': async (bench) => {
    await bench.add({ id: 'a' });
    const fences: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const lease = await bench.claimOne();
      const record = await bench.record('a');
      expectEqual([record.state, record.fence], ['running', lease.fence], 'record');
      expectTrue(record.startedAtMs !== undefined, 'startedAtMs is set');
      fences.push(lease.fence);
      await bench.store.settle([{ ...lease, kind: 'release' }]);
    }
    expectTrue(fences.every((fence, index) => fence > (fences[index - 1] ?? 0)), 'fences grow');
  },
  'claim: many processes at once share every task out exactly once': async (bench) => {
    await bench.store.enqueue(Array.from({ length: 60 }, (_, index) => newTask({ id: `t${index}` })));
    const benches = await Promise.all(Array.from({ length: 4 }, () => bench.other()));
    const claims = await Promise.all(
      benches.flatMap((other, index) =>
        Array.from({ length: 5 }, async (_, round) => {
          const request = { worker: `w${index}-${round}`, requestId: `r${index}-${round}`, limit: 5 };
          return await other.claim(request);
        }),
      ),
    );
    const ids = idsOf(claims.flat());
    expectEqual(ids.length, 60, 'claimed');
    expectEqual(new Set(ids).size, 60, 'different');
  },
  'replay-safe: a claim repeated gives the same tasks and no more': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b' }, { id: 'c' });
    const request = bench.request({ limit: 2 });
    const first = await bench.store.claim(request);
    const again = await (await bench.other()).store.claim(request);
    expectEqual(again, first, 'the same');
    expectEqual(idsOf(await bench.claim({ limit: 2 })), ['c'], 'a new request');
  },
  'replay-safe: a claim repeated leaves out what is no longer held': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b' }, { id: 'c' });
    const request = bench.request({ limit: 3 });
    const [a, b] = await bench.store.claim(request);
    await bench.store.settle([{ id: 'a', fence: a?.fence ?? 0, kind: 'succeed' }]);
    await bench.store.settle([{ id: 'b', fence: b?.fence ?? 0, kind: 'release' }]);
    await bench.claim({ worker: 'w2', limit: 1 });
    expectEqual(idsOf(await bench.store.claim(request)), ['c'], 'still held');
  },
  'replay-safe: an empty claim repeated may find what came since': async (bench) => {
    const request = bench.request({ limit: 1 });
    await bench.store.claim(request);
    await bench.add({ id: 'a' });
    const again = await bench.store.claim(request);
    expectEqual(again.length + (await bench.claim()).length, 1, 'each task once');
  },
  'wake: a listener hears of new work, and not after it has left': async (bench) => {
    const heard: string[] = [];
    const leave = bench.store.wake(({ kind, queue }) => heard.push(`${kind} ${queue}`));
    await bench.add({ id: 'a' });
    leave();
    leave();
    const count = heard.length;
    await bench.add({ id: 'b' });
    expectEqual(heard.length, count, 'after leaving');
    expectTrue(heard.every((hint) => hint.endsWith(' q')), 'only hints of this queue');
  },
  'close: every call rejects with ERR_TUNIC_CLOSED, and closing again is fine': async ({ store }) => {
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    const calls = {
      enqueue: codeOf(store.enqueue([newTask({})])),
      claim: codeOf(store.claim({ requestId: 'r', worker: 'w', queues: ['q'], limit: 1, leaseMs: 1000 })),
      settle: codeOf(store.settle([{ id: 'a', fence: 1, kind: 'succeed' }])),
      renew: codeOf(store.renew([{ id: 'a', fence: 1 }], 1000)),
      reap: codeOf(store.reap(1)),
      cancel: codeOf(store.cancel(['a'])),
      get: codeOf(store.get(['a'])),
      list: codeOf(store.list({ limit: 1 })),
    };
    for (const [name, call] of Object.entries(calls)) {
      expectEqual(await call, 'ERR_TUNIC_CLOSED', name);
    }
  },
};

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
