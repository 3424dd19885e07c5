import { expectEqual } from '../contract-assert.ts';
import type { TaskStoreCases } from './cases.ts';
import { idsOf, newTask } from './harness.ts';

const HARD_TEXTS = [`'"\`;--\\%_`, 'žluťoučký 🐎 \u202e', '__proto__', ' leading and trailing ', 'line\nbreak\ttab', '{}'];

/** Adding and reading. */
export const enqueueCases: TaskStoreCases = {
  'enqueue: a new task is queued, with all that it was given': async (bench) => {
    await bench.add({ id: 'a', priority: -3, maxCrashes: 7, retentionMs: 1234 });
    const record = await bench.record('a');
    expectEqual({ ...record, seq: 0, createdAtMs: 0, runAtMs: 0 }, {
      ...newTask({ id: 'a', priority: -3, maxCrashes: 7, retentionMs: 1234 }),
      state: 'queued',
      ...{ seq: 0, createdAtMs: 0, runAtMs: 0, fence: 0, failures: 0, crashes: 0 },
      ...{ startedAtMs: undefined, finishedAtMs: undefined },
      ...{ progress: undefined, result: undefined, error: undefined },
    }, 'what the store keeps');
    expectEqual(record.runAtMs, record.createdAtMs, 'runAtMs');
  },
  'enqueue: the same id again adds nothing and changes nothing': async (bench) => {
    await bench.add({ id: 'a', input: '1' });
    const replies = await bench.store.enqueue([newTask({ id: 'a', input: '2' }), newTask({ id: 'b' })]);
    expectEqual(replies, [
      { id: 'a', created: false },
      { id: 'b', created: true },
    ], 'replies');
    expectEqual((await bench.record('a')).input, '1', 'input of a');
    expectEqual(idsOf(await bench.store.list({ limit: 10 })), ['b', 'a'], 'tasks');
  },
  'enqueue: an id twice in one call adds one task': async (bench) => {
    const replies = await bench.store.enqueue([newTask({ id: 'a', input: '1' }), newTask({ id: 'a', input: '2' })]);
    expectEqual(replies.map(({ created }) => created), [true, false], 'created');
    expectEqual((await bench.record('a')).input, '1', 'input');
  },
  'enqueue: a known id stays known in every state': async (bench) => {
    await bench.add({ id: 'a' });
    const lease = await bench.claimOne();
    expectEqual(await bench.store.enqueue([newTask({ id: 'a' })]), [{ id: 'a', created: false }], 'while running');
    await bench.store.settle([{ ...lease, kind: 'succeed' }]);
    expectEqual(await bench.store.enqueue([newTask({ id: 'a' })]), [{ id: 'a', created: false }], 'when succeeded');
    expectEqual((await bench.record('a')).state, 'succeeded', 'state');
  },
  'enqueue: many processes with one id add one task': async (bench) => {
    const benches = await Promise.all([bench.other(), bench.other(), bench.other()]);
    const replies = await Promise.all(benches.map(({ store }) => store.enqueue([newTask({ id: 'same' })])));
    expectEqual(replies.flat().filter(({ created }) => created).length, 1, 'created');
    expectEqual((await bench.claim()).length, 1, 'claimed');
  },
  'enqueue: an empty call is fine': async (bench) => {
    expectEqual(await bench.store.enqueue([]), [], 'replies');
    expectEqual(await bench.store.settle([]), [], 'settled');
    expectEqual(await bench.store.renew([], 1000), [], 'renewed');
    expectEqual(await bench.store.cancel([]), [], 'cancelled');
    expectEqual(await bench.store.get([]), [], 'read');
  },
  'enqueue: ids, names, queues and payloads come back exactly': async (bench) => {
    const tasks = HARD_TEXTS.map((text) => newTask({ id: text, name: text, queue: text, input: JSON.stringify(text) }));
    await bench.store.enqueue(tasks);
    for (const text of HARD_TEXTS) {
      const [claimed] = await bench.claim({ queues: [text] });
      expectEqual(claimed && [claimed.id, claimed.name, claimed.queue, claimed.input], [
        ...[text, text, text],
        JSON.stringify(text),
      ], 'claimed');
    }
    expectEqual((await bench.store.get(HARD_TEXTS)).map((record) => record?.id), HARD_TEXTS, 'read');
  },
  'enqueue: a megabyte of input, progress and result comes back exactly': async (bench) => {
    const big = JSON.stringify('é'.repeat(500_000));
    await bench.add({ id: 'a', input: big });
    const [claimed] = await bench.claim();
    expectEqual(claimed?.input === big, true, 'input');
    await bench.store.renew([{ id: 'a', fence: claimed?.fence ?? 0, progress: big }], bench.unitMs);
    await bench.store.settle([{ id: 'a', fence: claimed?.fence ?? 0, kind: 'succeed', result: big }]);
    const record = await bench.record('a');
    expectEqual([record.progress === big, record.result === big], [true, true], 'progress and result');
  },
  'get: records stand in the order asked for, with holes for the unknown': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b' });
    const records = await bench.store.get(['b', 'nobody', 'a', 'b']);
    expectEqual(records.map((record) => record?.id), ['b', undefined, 'a', 'b'], 'ids');
  },
  'list: newest arrival first, filtered and paged by seq': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b', queue: 'other' }, { id: 'c', name: 'rest' }, { id: 'd' });
    await bench.store.cancel(['d']);
    const page = await bench.store.list({ limit: 2 });
    expectEqual(idsOf(page), ['d', 'c'], 'first page');
    expectEqual(idsOf(await bench.store.list({ limit: 2, beforeSeq: page[1]?.seq ?? 0 })), ['b', 'a'], 'second page');
    expectEqual(idsOf(await bench.store.list({ queue: 'other', limit: 9 })), ['b'], 'by queue');
    expectEqual(idsOf(await bench.store.list({ name: 'rest', limit: 9 })), ['c'], 'by name');
    expectEqual(idsOf(await bench.store.list({ states: ['cancelled'], limit: 9 })), ['d'], 'by state');
    const both = await bench.store.list({ states: ['queued', 'cancelled'], queue: 'q', name: 'work', limit: 9 });
    expectEqual(idsOf(both), ['d', 'a'], 'by all');
    expectEqual(await bench.store.list({ states: [], limit: 9 }), [], 'by no state');
  },
};
