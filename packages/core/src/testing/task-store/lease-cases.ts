import { expectEqual, expectTrue } from '../contract-assert.ts';
import type { TaskStoreCases } from './cases.ts';
import { FAILURE, idsOf, newTask } from './harness.ts';

/** Leases, maintenance and retention. */
export const leaseCases: TaskStoreCases = {
  'renew: a lease that is renewed in time is never lost': async (bench) => {
    await bench.add({ id: 'a' });
    const lease = await bench.claimOne({ leaseMs: 6 * bench.unitMs });
    for (let round = 0; round < 3; round += 1) {
      await bench.pass(3);
      expectEqual(await bench.store.renew([lease], 6 * bench.unitMs), ['held'], 'reply');
      expectEqual((await bench.store.reap(10)).lapsed, 0, 'reaped');
    }
    expectEqual(await bench.store.settle([{ ...lease, kind: 'succeed' }]), ['settled'], 'settle');
  },
  'renew: a lease that ran out is still held until it is reaped': async (bench) => {
    await bench.add({ id: 'a' });
    const lease = await bench.claimOne({ leaseMs: bench.unitMs });
    await bench.pass(2);
    expectEqual(await bench.claim({ worker: 'w2' }), [], 'nobody else gets it');
    expectEqual(await bench.store.renew([lease], 10 * bench.unitMs), ['held'], 'reply');
    expectEqual((await bench.store.reap(10)).lapsed, 0, 'reaped');
  },
  'renew: progress is stored with the lease and is gone with the next claim': async (bench) => {
    await bench.add({ id: 'a' });
    const lease = await bench.claimOne();
    await bench.store.renew([{ ...lease, progress: '{"done":3}' }], 10 * bench.unitMs);
    expectEqual((await bench.record('a')).progress, '{"done":3}', 'stored');
    await bench.store.renew([lease], 10 * bench.unitMs);
    expectEqual((await bench.record('a')).progress, '{"done":3}', 'kept by a plain renewal');
    await bench.store.settle([{ ...lease, kind: 'retry', error: FAILURE, delayMs: 0 }]);
    await bench.claimOne();
    expectEqual((await bench.record('a')).progress, undefined, 'gone');
  },
  'renew: one call renews many and tells each its own': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b' }, { id: 'c' });
    const claimed = await bench.claim();
    await bench.store.cancel(['b']);
    const leases = claimed.map(({ id, fence }) => ({ id, fence: id === 'c' ? fence + 1 : fence }));
    expectEqual(await bench.store.renew([...leases, { id: 'nobody', fence: 1 }], bench.unitMs), [
      ...['held', 'cancelled', 'lost', 'lost'],
    ], 'replies');
  },
  'nothing lost: a task whose worker is gone comes back at its old place': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b' });
    await bench.claimOne({ leaseMs: 2 * bench.unitMs });
    expectEqual((await bench.store.reap(10)).lapsed, 0, 'before the lease ends');
    await bench.pass(3);
    const report = await bench.store.reap(10);
    expectEqual([report.lapsed, report.crashed], [1, 0], 'report');
    const record = await bench.record('a');
    expectEqual([record.state, record.failures, record.crashes], ['queued', 0, 1], 'counts');
    expectEqual(idsOf(await bench.claim()), ['a', 'b'], 'order');
  },
  'nothing lost: one lost lease too many ends the task in failed': async (bench) => {
    await bench.add({ id: 'a', maxCrashes: 2 });
    for (let crash = 1; crash <= 3; crash += 1) {
      expectEqual((await bench.record('a')).state, 'queued', 'state');
      await bench.claimOne({ leaseMs: bench.unitMs });
      await bench.pass(2);
      await bench.store.reap(10);
    }
    const record = await bench.record('a');
    expectEqual([record.state, record.crashes, record.failures], ['failed', 3, 0], 'record');
    expectEqual(record.error?.code, 'ERR_TUNIC_LEASE_LOST', 'error');
    expectTrue(record.finishedAtMs !== undefined, 'finishedAtMs is set');
  },
  'nothing lost: maxCrashes 0 fails with the first lost lease': async (bench) => {
    await bench.add({ id: 'a', maxCrashes: 0 });
    await bench.claimOne({ leaseMs: bench.unitMs });
    await bench.pass(2);
    expectEqual((await bench.store.reap(10)).crashed, 1, 'crashed');
    expectEqual((await bench.record('a')).state, 'failed', 'state');
  },
  'nothing lost: many processes that reap at once return each task once': async (bench) => {
    await bench.store.enqueue(Array.from({ length: 20 }, (_, index) => newTask({ id: `t${index}` })));
    await bench.claim({ limit: 20, leaseMs: bench.unitMs });
    await bench.pass(2);
    const benches = await Promise.all([bench.other(), bench.other(), bench.other()]);
    const reports = await Promise.all(benches.map(({ store }) => store.reap(100)));
    expectEqual(reports.reduce((sum, { lapsed }) => sum + lapsed, 0), 20, 'lapsed');
    const records = await bench.store.list({ limit: 100 });
    expectTrue(records.every(({ crashes, state }) => crashes === 1 && state === 'queued'), 'each counted once');
  },
  'bounded: a pass touches no more than its limit and says that there is more': async (bench) => {
    await bench.store.enqueue(Array.from({ length: 7 }, (_, index) => newTask({ id: `t${index}` })));
    await bench.claim({ limit: 7, leaseMs: bench.unitMs });
    await bench.pass(2);
    const first = await bench.store.reap(3);
    expectEqual([first.lapsed, first.more], [3, true], 'first pass');
    let lapsed = first.lapsed;
    for (let more = true; more; ) {
      const report = await bench.store.reap(3);
      ({ more } = report);
      lapsed += report.lapsed;
    }
    expectEqual(lapsed, 7, 'all passes');
  },
  'reap: due tasks are promoted without a claim': async (bench) => {
    await bench.add({ id: 'a', delayMs: 3 * bench.unitMs }, { id: 'b', delayMs: 300 * bench.unitMs });
    await bench.pass(4);
    expectEqual((await bench.store.reap(10)).promoted, 1, 'promoted');
    expectEqual((await bench.store.get(['a', 'b'])).map((task) => task?.state), ['queued', 'scheduled'], 'states');
  },
  'reap: ended tasks go when their retention is over, and their ids are free again': async (bench) => {
    await bench.add(
      { id: 'short', retentionMs: 2 * bench.unitMs },
      { id: 'long', retentionMs: 1000 * bench.unitMs },
      { id: 'waiting', priority: 1, retentionMs: 0 },
    );
    const claimed = await bench.claim({ limit: 2 });
    await bench.store.settle(claimed.map(({ id, fence }) => ({ id, fence, kind: 'succeed' })));
    expectEqual((await bench.store.reap(10)).purged, 0, 'too early');
    await bench.pass(3);
    expectEqual((await bench.store.reap(10)).purged, 1, 'purged');
    const records = await bench.store.get(['short', 'long', 'waiting']);
    expectEqual(records.map((record) => record?.state), [undefined, 'succeeded', 'queued'], 'left');
    expectEqual(idsOf(await bench.store.list({ limit: 9 })), ['waiting', 'long'], 'listed');
    expectEqual(await bench.store.enqueue([newTask({ id: 'short' })]), [{ id: 'short', created: true }], 'free again');
    expectEqual(idsOf(await bench.store.list({ limit: 1 })), ['short'], 'seq is not used twice');
  },
  'reap: an idle store has nothing to do': async (bench) => {
    await bench.add({ id: 'a' }, { id: 'b', delayMs: 10 * bench.unitMs });
    await bench.claimOne();
    expectEqual(await bench.store.reap(10), { promoted: 0, lapsed: 0, crashed: 0, purged: 0, more: false }, 'report');
  },
};
