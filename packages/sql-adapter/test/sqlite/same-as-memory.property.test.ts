import { type ClaimRequest, type ClaimedTask, type TaskRecord, type TaskState, type TaskStore, TASK_EVENTS, createMemoryTaskStore, nextTaskState } from '@tunic/core';
import { createVirtualClock, type VirtualClock } from '@tunic/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSqlTaskStore, openSqlite } from '../../src/index.ts';
import { newTask } from '../support/new-task.ts';

const IDS = ['a', 'b', 'c', 'd'];
const QUEUES = ['x', 'y'];
const ERROR = { name: 'Error', message: 'broke' };

type Call = (store: TaskStore) => Promise<unknown>;
type Claim = Omit<ClaimRequest, 'requestId' | 'leaseMs'> & { repeat: boolean };
type Step = { call: Call } | { advance: number } | Claim;

const id = fc.constantFrom(...IDS);
const fence = fc.integer({ min: 0, max: 3 });
const worker = fc.constantFrom('w1', 'w2');
const outcome = fc.constantFrom(
  { kind: 'succeed' as const, result: '1' },
  { kind: 'succeed' as const },
  { kind: 'fail' as const, error: ERROR },
  { kind: 'retry' as const, error: ERROR, delayMs: 300 },
  { kind: 'release' as const },
);

function calls<T>(args: fc.Arbitrary<T>, call: (store: TaskStore, args: T) => Promise<unknown>): fc.Arbitrary<Step> {
  return args.map((value) => ({ call: (store) => call(store, value) }));
}

function pickClaimed({ id, name, queue, priority, input, fence, failures, crashes, runAtMs, createdAtMs, seq }: ClaimedTask): ClaimedTask {
  return { id, name, queue, priority, input, fence, failures, crashes, runAtMs, createdAtMs, seq };
}

const enqueue = calls(
  fc.array(
    fc.record(
      {
        id,
        queue: fc.constantFrom(...QUEUES),
        priority: fc.integer({ min: -1, max: 1 }),
        delayMs: fc.constantFrom(0, 500),
        maxCrashes: fc.integer({ min: 0, max: 1 }),
        retentionMs: fc.constantFrom(0, 2000),
      },
      { requiredKeys: ['id', 'queue'] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  (store, tasks) => store.enqueue(tasks.map(newTask)),
);
const claim = fc.record({
  worker,
  queues: fc.shuffledSubarray(QUEUES, { minLength: 1 }),
  limit: fc.integer({ min: 1, max: 3 }),
  repeat: fc.boolean(),
});
const settle = calls(fc.array(fc.tuple(id, fence, outcome), { minLength: 1, maxLength: 3 }), (store, ends) =>
  store.settle(ends.map(([taskId, taskFence, end]) => ({ id: taskId, fence: taskFence, ...end }))),
);
const renew = calls(fc.array(fc.record({ id, fence, progress: fc.constant('7') }, { requiredKeys: ['id', 'fence'] }), { minLength: 1, maxLength: 3 }), (store, leases) =>
  store.renew(leases, 1000),
);
const cancel = calls(fc.array(id, { minLength: 1, maxLength: 2 }), (store, ids) => store.cancel(ids));
// Enough for all: which of several equally old tasks goes first is left to the store.
const reap = calls(fc.constant(100), (store, limit) => store.reap(limit));
const advance = fc.integer({ min: 1, max: 1500 }).map((ms): Step => ({ advance: ms }));

const step = fc.oneof(enqueue, { arbitrary: claim, weight: 2 }, { arbitrary: settle, weight: 2 }, renew, cancel, reap, advance);

/** Whether one event of the table leads from one state to the other; a claim may promote first. */
function isMove(from: TaskState, to: TaskState): boolean {
  const starts = from === 'scheduled' ? [from, nextTaskState(from, 'promote') ?? from] : [from];
  return from === to || starts.some((state) => TASK_EVENTS.some((event) => nextTaskState(state, event) === to));
}

/** Numbers of arrival may have gaps; only their order is promised. */
function withoutSeq<T extends { seq: number }>(task: T | undefined): Omit<T, 'seq'> | undefined {
  if (task === undefined) return undefined;
  const { seq, ...rest } = task;
  expect(seq).toBeGreaterThan(0);
  return rest;
}

async function arrivals(store: TaskStore): Promise<string[]> {
  return (await store.list({ limit: 10 })).map((task) => task.id);
}

/** A request with a new id, or the worker's newest one again. */
function nextRequest({ repeat, ...claim }: Claim, newest: Map<string, ClaimRequest>, count: number): ClaimRequest {
  const last = newest.get(claim.worker);
  const request = repeat && last !== undefined ? last : { ...claim, requestId: `r${count}`, leaseMs: 1000 };
  newest.set(claim.worker, request);
  return request;
}

function toCall(step: { call: Call } | Claim, newest: Map<string, ClaimRequest>, count: number): Call {
  if ('call' in step) return step.call;
  const request = nextRequest(step, newest, count);
  return async (store) => (await store.claim(request)).map(pickClaimed).map(withoutSeq);
}

async function check(steps: readonly Step[], clock: VirtualClock, stores: { sql: TaskStore; memory: TaskStore }): Promise<void> {
  const { sql, memory } = stores;
  let before: (TaskRecord | undefined)[] = IDS.map(() => undefined);
  const newest = new Map<string, ClaimRequest>();
  for (const [count, one] of steps.entries()) {
    if ('advance' in one) await clock.advance(one.advance);
    else {
      const call = toCall(one, newest, count);
      expect(await call(sql)).toEqual(await call(memory));
    }
    const after = await sql.get(IDS);
    expect(after.map(withoutSeq)).toEqual((await memory.get(IDS)).map(withoutSeq));
    expect(await arrivals(sql)).toEqual(await arrivals(memory));
    for (const [index, record] of after.entries()) {
      const old = before[index];
      if (old !== undefined && old.seq === record?.seq) expect(isMove(old.state, record.state), `${old.state} → ${record.state}`).toBe(true);
    }
    before = after;
  }
}

describe('the task store on SQLite', () => {
  it('answers every sequence of calls as the memory store does, by moves of the state table only', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const clock = createVirtualClock();
        using client = await openSqlite(':memory:');
        await using sql = createSqlTaskStore({ client, clock });
        await using memory = createMemoryTaskStore({ clock });
        await check(steps, clock, { sql, memory });
      }),
      { numRuns: 200 },
    );
  });
});
