import { isFinalState, nextTaskState, TASK_STATES, type TaskState } from '../../tasks/state.ts';
import type { Settlement, TaskLease, TaskOutcome } from '../../tasks/store.ts';
import { expectEqual, expectTrue } from '../contract-assert.ts';
import type { TaskStoreCases } from './cases.ts';
import { FAILURE, idsOf, type TaskStoreBench } from './harness.ts';

const OUTCOMES: readonly TaskOutcome[] = [
  { kind: 'succeed', result: '{"ok":true}' },
  { kind: 'fail', error: FAILURE },
  { kind: 'retry', error: FAILURE, delayMs: 0 },
  { kind: 'release' },
];

/** Brings task `a` into a state and answers the newest lease there was on it. */
async function bring(bench: TaskStoreBench, state: TaskState): Promise<TaskLease> {
  if (state === 'scheduled') {
    await bench.add({ id: 'a', delayMs: 100 * bench.unitMs });
    return { id: 'a', fence: 0 };
  }
  await bench.add({ id: 'a' });
  if (state === 'queued') return { id: 'a', fence: 0 };
  const lease = await bench.claimOne();
  if (state === 'succeeded') await bench.store.settle([{ ...lease, kind: 'succeed' }]);
  if (state === 'failed') await bench.store.settle([{ ...lease, kind: 'fail', error: FAILURE }]);
  if (state === 'cancelled') await bench.store.cancel(['a']);
  return lease;
}

/** Whether settling like this in this state can only be the repetition of the settlement that led there. */
function isReplay(state: TaskState, kind: TaskOutcome['kind']): boolean {
  return isFinalState(state) && nextTaskState('running', kind) === state;
}

async function checkSettlement(bench: TaskStoreBench, state: TaskState, outcome: TaskOutcome): Promise<void> {
  const lease = await bring(bench, state);
  const before = await bench.record('a');
  const next = nextTaskState(state, outcome.kind);
  const [reply] = await bench.store.settle([{ ...lease, ...outcome }]);
  const after = await bench.record('a');
  if (next === undefined) expectEqual(after, before, 'the task');
  expectEqual(after.state, next ?? state, 'state');
  expectEqual(reply, next !== undefined || isReplay(state, outcome.kind) ? 'settled' : 'lost', 'reply');
}

async function checkCancel(bench: TaskStoreBench, state: TaskState): Promise<void> {
  await bring(bench, state);
  const before = await bench.record('a');
  const [reply] = await bench.store.cancel(['a']);
  const after = await bench.record('a');
  if (nextTaskState(state, 'cancel') === undefined) {
    expectEqual(reply, state === 'cancelled' ? 'cancelled' : 'final', 'reply');
    expectEqual(after, before, 'the task');
  } else {
    expectEqual([reply, after.state], ['cancelled', 'cancelled'], 'reply and state');
    expectTrue(after.finishedAtMs !== undefined, 'finishedAtMs is set');
  }
}

const moveCases: TaskStoreCases = Object.assign(
  {},
  ...TASK_STATES.map((state): TaskStoreCases => ({
    [`states: cancel of a ${state} task`]: (bench) => checkCancel(bench, state),
  })),
  ...TASK_STATES.flatMap((state) =>
    OUTCOMES.map((outcome): TaskStoreCases => ({
      [`states: ${outcome.kind} of a ${state} task`]: (bench) => checkSettlement(bench, state, outcome),
    })),
  ),
) as TaskStoreCases;

/** How runs end, and that only their holder ends them. */
export const settleCases: TaskStoreCases = {
  ...moveCases,
  'settle: a success keeps its result and clears the error of earlier attempts': async (bench) => {
    await bench.add({ id: 'a' });
    await bench.store.settle([{ ...(await bench.claimOne()), kind: 'retry', error: FAILURE, delayMs: 0 }]);
    await bench.store.settle([{ ...(await bench.claimOne()), kind: 'succeed', result: '[1]' }]);
    const { state, result, error, failures } = await bench.record('a');
    expectEqual({ state, result, error, failures }, { state: 'succeeded', result: '[1]', error: undefined, failures: 1 }, 'record');
  },
  'settle: a failure keeps its error, with code and stack': async (bench) => {
    const error = { name: 'E', message: 'm "quoted" \u{1f525}', code: 'E_X', stack: 'at x\n at y' };
    await bench.add({ id: 'a' });
    await bench.store.settle([{ ...(await bench.claimOne()), kind: 'fail', error }]);
    const record = await bench.record('a');
    expectEqual([record.state, record.failures, record.error], ['failed', 1, error], 'record');
  },
  'settle: a retry counts a failure and waits for its delay on the store’s clock': async (bench) => {
    await bench.add({ id: 'a' });
    const lease = await bench.claimOne();
    await bench.store.settle([{ ...lease, kind: 'retry', error: FAILURE, delayMs: 20 * bench.unitMs }]);
    const record = await bench.record('a');
    expectEqual([record.state, record.failures, record.error], ['scheduled', 1, FAILURE], 'record');
    await bench.pass(2);
    expectEqual(await bench.claim(), [], 'too early');
    await bench.pass(19);
    const [again] = await bench.claim();
    expectEqual(again?.failures, 1, 'claimed with its failure');
  },
  'settle: a release counts nothing and keeps the place in line': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b' });
    await bench.store.settle([{ ...(await bench.claimOne()), kind: 'release' }]);
    const record = await bench.record('a');
    expectEqual([record.state, record.failures, record.crashes], ['queued', 0, 0], 'counts');
    expectEqual(idsOf(await bench.claim()), ['a', 'b'], 'order');
  },
  'settle: one call settles many, each by its own lease': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b' }, { id: 'c' });
    const claimed = await bench.claim();
    const settlements = claimed.map(({ id, fence }, index): Settlement => ({ id, fence: index === 1 ? fence + 1 : fence, kind: 'succeed' }));
    expectEqual(await bench.store.settle([...settlements, { id: 'nobody', fence: 1, kind: 'release' }]), [
      ...['settled', 'lost', 'settled', 'lost'],
    ], 'replies');
    expectEqual((await bench.record('b')).state, 'running', 'b');
  },
  'fenced: after a new claim the old holder can change nothing': async (bench) => {
    await bench.add({ id: 'a' });
    const old = await bench.claimOne({ leaseMs: bench.unitMs });
    await bench.pass(2);
    await bench.store.reap(10);
    const fresh = await bench.claimOne({ worker: 'w2' });
    expectTrue(fresh.fence > old.fence, 'fence grows');
    const before = await bench.record('a');
    for (const outcome of OUTCOMES) expectEqual(await bench.store.settle([{ ...old, ...outcome }]), ['lost'], outcome.kind);
    expectEqual(await bench.store.renew([{ ...old, progress: '"stale"' }], bench.unitMs), ['lost'], 'renew');
    expectEqual(await bench.record('a'), before, 'nothing moved');
    expectEqual(await bench.store.settle([{ ...fresh, kind: 'succeed' }]), ['settled'], 'the holder settles');
  },
  'fenced: a lease that lapsed cannot settle, even before anybody claims': async (bench) => {
    await bench.add({ id: 'a' });
    const old = await bench.claimOne({ leaseMs: bench.unitMs });
    await bench.pass(2);
    await bench.store.reap(10);
    for (const outcome of OUTCOMES) expectEqual(await bench.store.settle([{ ...old, ...outcome }]), ['lost'], outcome.kind);
    expectEqual((await bench.record('a')).state, 'queued', 'state');
  },
  'fenced: a fence of the future or of another task is lost': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b' });
    const [a] = await bench.claim();
    const stale = { id: 'a', fence: (a?.fence ?? 0) + 5 };
    expectEqual(await bench.store.settle([{ ...stale, kind: 'succeed' }]), ['lost'], 'settle');
    expectEqual(await bench.store.renew([stale], bench.unitMs), ['lost'], 'renew');
    expectEqual((await bench.record('a')).state, 'running', 'state');
  },
  'replay-safe: the same settlement again succeeds and counts once': async (bench) => {
    for (const [index, outcome] of OUTCOMES.entries()) {
      const id = `task-${index}`;
      await bench.add({ id, queue: id });
      const lease = await bench.claimOne({ queues: [id] });
      expectEqual(await bench.store.settle([{ ...lease, ...outcome }]), ['settled'], 'first');
      const before = await bench.record(id);
      expectEqual(await bench.store.settle([{ ...lease, ...outcome }]), ['settled'], `${outcome.kind} again`);
      expectEqual(await bench.record(id), before, 'counted once');
    }
  },
  'replay-safe: another settlement under the same fence is lost': async (bench) => {
    for (const [index, outcome] of OUTCOMES.entries()) {
      const id = `task-${index}`;
      await bench.add({ id, queue: id });
      const lease = await bench.claimOne({ queues: [id] });
      await bench.store.settle([{ ...lease, ...outcome }]);
      const before = await bench.record(id);
      for (const other of OUTCOMES.filter(({ kind }) => kind !== outcome.kind))
        expectEqual(await bench.store.settle([{ ...lease, ...other }]), ['lost'], `${other.kind} after ${outcome.kind}`);
      expectEqual(await bench.record(id), before, 'nothing moved');
    }
  },
  'cancel: unknown ids are missing, and one call cancels many': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b', delayMs: 10 * bench.unitMs });
    expectEqual(await bench.store.cancel(['a', 'nobody', 'b', 'a']), [
      ...['cancelled', 'missing', 'cancelled', 'cancelled'],
    ], 'replies');
    await bench.pass(11);
    expectEqual(await bench.claim(), [], 'nothing runs');
  },
  'cancel: a running task’s holder learns it when it renews and cannot settle': async (bench) => {
    await bench.add({ id: 'a' });
    const lease = await bench.claimOne();
    await bench.store.cancel(['a']);
    expectEqual(await bench.store.renew([{ ...lease, progress: '1' }], bench.unitMs), ['cancelled'], 'renew');
    expectEqual(await bench.store.settle([{ ...lease, kind: 'succeed', result: '1' }]), ['lost'], 'settle');
    const record = await bench.record('a');
    expectEqual([record.state, record.progress, record.result], ['cancelled', undefined, undefined], 'record');
  },
};
