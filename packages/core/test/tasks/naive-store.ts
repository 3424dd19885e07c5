import { crashError } from '../../src/tasks/crash-error.ts';
import type { ClaimRequest, NewTask, Settlement, TaskLease, TaskRecord } from '../../src/tasks/store.ts';

type Row = TaskRecord & { settled?: string | undefined; until: number };

/** What a task store does, said as plainly as possible: one list, searched and sorted each time. */
export class NaiveStore {
  rows: Row[] = [];
  now = 0;
  #seq = 0;
  readonly #claims = new Map<string, { requestId: string; leases: TaskLease[] }>();

  enqueue(tasks: readonly NewTask[]): boolean[] {
    return tasks.map((task) => {
      if (this.rows.some(({ id }) => id === task.id)) return false;
      const { delayMs = 0, runAtMs = this.now + delayMs, ...rest } = task;
      this.rows.push({
        ...rest,
        runAtMs,
        state: runAtMs <= this.now ? 'queued' : 'scheduled',
        seq: (this.#seq += 1),
        createdAtMs: this.now,
        fence: 0,
        failures: 0,
        crashes: 0,
        until: Infinity,
        startedAtMs: undefined,
        finishedAtMs: undefined,
        progress: undefined,
        result: undefined,
        error: undefined,
      });
      return true;
    });
  }

  claim({ requestId, worker, queues, limit, leaseMs }: ClaimRequest): TaskLease[] {
    const newest = this.#claims.get(worker);
    if (newest?.requestId === requestId) return newest.leases.filter((lease) => this.#held(lease));
    const claimed: TaskLease[] = [];
    for (const queue of queues) {
      this.#promote((row) => row.queue === queue);
      const ready = this.rows
        .filter((row) => row.queue === queue && row.state === 'queued')
        .sort((a, b) => a.priority - b.priority || a.runAtMs - b.runAtMs || a.seq - b.seq)
        .slice(0, limit - claimed.length);
      for (const row of ready) {
        Object.assign(row, { state: 'running', startedAtMs: this.now, progress: undefined, settled: undefined });
        row.fence += 1;
        row.until = this.now + leaseMs;
        claimed.push({ id: row.id, fence: row.fence });
      }
    }
    if (claimed.length > 0) this.#claims.set(worker, { requestId, leases: claimed });
    else this.#claims.delete(worker);
    return claimed;
  }

  settle(settlement: Settlement): string {
    const row = this.#held(settlement);
    if (row === undefined) {
      const known = this.rows.find(({ id }) => id === settlement.id);
      return known?.fence === settlement.fence && known.settled === settlement.kind ? 'settled' : 'lost';
    }
    row.settled = settlement.kind;
    if (settlement.kind === 'succeed') this.#end(row, { state: 'succeeded', result: settlement.result, error: undefined });
    if (settlement.kind === 'fail') this.#end(row, { state: 'failed', failures: row.failures + 1, error: settlement.error });
    if (settlement.kind === 'release') row.state = 'queued';
    if (settlement.kind === 'retry') {
      const { error, delayMs } = settlement;
      Object.assign(row, { state: 'scheduled', failures: row.failures + 1, error, runAtMs: this.now + delayMs });
    }
    return 'settled';
  }

  renew(lease: TaskLease & { progress?: string }, leaseMs: number): string {
    const row = this.#held(lease);
    if (row === undefined) {
      const known = this.rows.find(({ id }) => id === lease.id);
      return known?.state === 'cancelled' && known.fence === lease.fence ? 'cancelled' : 'lost';
    }
    row.until = this.now + leaseMs;
    row.progress = lease.progress ?? row.progress;
    return 'held';
  }

  reap(): void {
    this.#promote(() => true);
    for (const row of this.rows) {
      if (row.state !== 'running' || row.until > this.now) continue;
      row.crashes += 1;
      row.settled = 'lapse';
      if (row.crashes > row.maxCrashes) this.#end(row, { state: 'failed', error: crashError(row.crashes) });
      else row.state = 'queued';
    }
    this.rows = this.rows.filter((row) => row.finishedAtMs === undefined || row.finishedAtMs + row.retentionMs > this.now);
  }

  cancel(id: string): string {
    const row = this.rows.find((candidate) => candidate.id === id);
    if (row === undefined) return 'missing';
    if (row.state === 'cancelled') return 'cancelled';
    if (row.finishedAtMs !== undefined) return 'final';
    this.#end(row, { state: 'cancelled' });
    return 'cancelled';
  }

  #promote(which: (row: Row) => boolean): void {
    for (const row of this.rows)
      if (row.state === 'scheduled' && row.runAtMs <= this.now && which(row)) row.state = 'queued';
  }

  #end(row: Row, changes: Partial<Row>): void {
    Object.assign(row, changes, { finishedAtMs: this.now });
  }

  #held({ id, fence }: TaskLease): Row | undefined {
    return this.rows.find((row) => row.id === id && row.fence === fence && row.state === 'running');
  }
}
