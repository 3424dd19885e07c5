import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryTaskStore } from '../../src/tasks/memory-store.ts';
import type { Settlement } from '../../src/tasks/store.ts';
import { newTask } from '../../src/testing/task-store/harness.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { NaiveStore } from './naive-store.ts';

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const queue = fc.constantFrom('q', 'p');
const fence = fc.integer({ min: 0, max: 3 });
const ms = fc.integer({ min: 0, max: 30 });
const error = { name: 'Error', message: 'it broke' };

const step = fc.oneof(
  fc.record({ do: fc.constant('enqueue' as const), id, queue, priority: fc.integer({ min: -1, max: 1 }), delayMs: fc.option(ms, { nil: undefined }), maxCrashes: fc.integer({ min: 0, max: 1 }), retentionMs: ms }),
  fc.record({ do: fc.constant('claim' as const), worker: fc.constantFrom('v', 'w'), request: fc.integer({ min: 0, max: 3 }), queues: fc.uniqueArray(queue, { minLength: 1 }), limit: fc.integer({ min: 1, max: 3 }), leaseMs: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ do: fc.constant('settle' as const), id, fence, kind: fc.constantFrom('succeed', 'fail', 'retry', 'release'), delayMs: ms }),
  fc.record({ do: fc.constant('renew' as const), id, fence, leaseMs: fc.integer({ min: 1, max: 30 }), progress: fc.option(fc.constant('1'), { nil: undefined }) }),
  fc.record({ do: fc.constant('reap' as const) }),
  fc.record({ do: fc.constant('cancel' as const), id }),
  fc.record({ do: fc.constant('pass' as const), ms }),
);

it('does what the naive store does, whatever comes in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const clock = createVirtualClock({ now: 0 });
      const store = createMemoryTaskStore({ clock });
      const naive = new NaiveStore();
      for (const action of steps) {
        if (action.do === 'enqueue') {
          const { do: _, delayMs, ...rest } = action;
          const task = newTask({ ...rest, ...(delayMs === undefined ? {} : { delayMs }) });
          expect((await store.enqueue([task])).map(({ created }) => created)).toEqual(naive.enqueue([task]));
        } else if (action.do === 'claim') {
          const request = { ...action, requestId: `r${action.request}` };
          const claimed = await store.claim(request);
          expect(claimed.map(({ id: claimedId, fence: claimedFence }) => ({ id: claimedId, fence: claimedFence }))).toEqual(naive.claim(request));
        } else if (action.do === 'settle') {
          const settlement = settlementOf(action);
          expect(await store.settle([settlement])).toEqual([naive.settle(settlement)]);
        } else if (action.do === 'renew') {
          const { progress, leaseMs, ...lease } = action;
          const renewal = { ...lease, ...(progress === undefined ? {} : { progress }) };
          expect(await store.renew([renewal], leaseMs)).toEqual([naive.renew(renewal, leaseMs)]);
        } else if (action.do === 'reap') {
          await store.reap(100);
          naive.reap();
        } else if (action.do === 'cancel') {
          expect(await store.cancel([action.id])).toEqual([naive.cancel(action.id)]);
        } else {
          // Nothing waits on this clock, so it need not be advanced step by step.
          clock.jumpWall(action.ms);
          naive.now += action.ms;
        }
        const records = await store.list({ limit: 100 });
        expect(records).toEqual(naive.rows.map(({ settled: _, until: __, ...record }) => record).reverse());
      }
    }),
    { numRuns: 400 },
  );
});

function settlementOf(action: { id: string; fence: number; kind: string; delayMs: number }): Settlement {
  const lease = { id: action.id, fence: action.fence };
  if (action.kind === 'fail') return { ...lease, kind: 'fail', error };
  if (action.kind === 'retry') return { ...lease, kind: 'retry', error, delayMs: action.delayMs };
  return action.kind === 'release' ? { ...lease, kind: 'release' } : { ...lease, kind: 'succeed', result: '1' };
}
