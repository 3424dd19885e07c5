import { TunicError } from '../errors/tunic-error.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { crashError } from './crash-error.ts';
import { MemoryTaskTable, type TaskEntry } from './memory-task-table.ts';
import { isFinalState, moveTask, type TaskState } from './state.ts';
import type {
  CancelReply,
  ClaimRequest,
  ClaimedTask,
  EnqueueReply,
  NewTask,
  ReapReport,
  Renewal,
  RenewReply,
  SettleReply,
  Settlement,
  TaskFilter,
  TaskHint,
  TaskLease,
  TaskRecord,
  TaskStore,
} from './store.ts';

/** Options of {@link createMemoryTaskStore}. */
export interface MemoryTaskStoreOptions {
  /** The store's clock. Default: the machine's. */
  clock?: Clock;
}

/** How many due tasks one claim promotes at most; the bound that the port promises. */
const PROMOTIONS_PER_CLAIM = 1000;

class MemoryTaskStore implements TaskStore {
  readonly #clock: Clock;
  readonly #table = new MemoryTaskTable();
  readonly #listeners = new Set<{ hint: (hint: TaskHint) => void }>();
  /** The newest claim of each worker, for its replay. */
  readonly #claims = new Map<string, { requestId: string; leases: TaskLease[] }>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enqueue(tasks: readonly NewTask[]): Promise<EnqueueReply[]> {
    return this.#step((now) => {
      const queues = new Set<string>();
      const replies = tasks.map((task) => {
        const created = this.#table.get(task.id) === undefined;
        if (created && this.#table.add(task, now).task.state === 'queued') queues.add(task.queue);
        return { id: task.id, created };
      });
      for (const queue of queues) this.#hint('work', queue);
      return replies;
    });
  }

  claim({ requestId, worker, queues, limit, leaseMs }: ClaimRequest): Promise<ClaimedTask[]> {
    return this.#step((now) => {
      const newest = this.#claims.get(worker);
      if (newest?.requestId === requestId)
        return newest.leases.flatMap((lease) => this.#held(lease)?.task ?? []).map(claimedTask);
      const claimed: ClaimedTask[] = [];
      for (const queue of queues) {
        this.#table.promote(queue, now, PROMOTIONS_PER_CLAIM);
        for (let entry = this.#table.nextReady(queue); entry !== undefined; entry = this.#table.nextReady(queue)) {
          if (claimed.length === limit) break;
          this.#claimOne(entry, now, leaseMs);
          claimed.push(claimedTask(entry.task));
        }
      }
      // An empty claim has nothing to give back, and a worker that is gone should leave nothing behind.
      if (claimed.length === 0) this.#claims.delete(worker);
      else this.#claims.set(worker, { requestId, leases: claimed.map(({ id, fence }) => ({ id, fence })) });
      return claimed;
    });
  }

  settle(settlements: readonly Settlement[]): Promise<SettleReply[]> {
    return this.#step((now) => settlements.map((settlement) => this.#settleOne(settlement, now)));
  }

  renew(renewals: readonly Renewal[], leaseMs: number): Promise<RenewReply[]> {
    return this.#step((now) => renewals.map((renewal) => this.#renewOne(renewal, now + leaseMs)));
  }

  reap(limit: number): Promise<ReapReport> {
    return this.#step((now) => {
      const report: ReapReport = { promoted: 0, lapsed: 0, crashed: 0, purged: 0, more: false };
      for (const queue of this.#table.queuesWithDue(now)) {
        const promoted = this.#table.promote(queue, now, limit - report.promoted);
        report.promoted += promoted;
        if (promoted > 0) this.#hint('work', queue);
      }
      for (let entry = this.#table.nextLapsed(now); entry !== undefined; entry = this.#table.nextLapsed(now)) {
        if (report.lapsed + report.crashed === limit) break;
        if (this.#lapseOne(entry, now) === 'failed') report.crashed += 1;
        else report.lapsed += 1;
      }
      report.purged = this.#table.purge(now, limit);
      report.more = this.#table.hasOverdue(now);
      return report;
    });
  }

  cancel(ids: readonly string[]): Promise<CancelReply[]> {
    return this.#step((now) => ids.map((id) => this.#cancelOne(id, now)));
  }

  get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
    return this.#step(() => ids.map((id) => this.#table.get(id)?.task).map((task) => task && { ...task }));
  }

  list({ states, queue, name, beforeSeq = Infinity, limit }: TaskFilter): Promise<TaskRecord[]> {
    return this.#step(() => {
      const found: TaskRecord[] = [];
      for (const task of this.#table.newestFirst(beforeSeq)) {
        if (found.length >= limit) break;
        const fits =
          (states?.includes(task.state) ?? true) && (queue ?? task.queue) === task.queue && (name ?? task.name) === task.name;
        if (fits) found.push({ ...task });
      }
      return found;
    });
  }

  wake(hint: (hint: TaskHint) => void): () => void {
    const listener = { hint };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    return Promise.resolve();
  }

  /** One atomic step at one instant: nothing else runs between its first line and its last. */
  #step<T>(run: (now: number) => T): Promise<T> {
    if (this.#closed) return Promise.reject(new TunicError('ERR_TUNIC_CLOSED', 'the task store is closed'));
    return Promise.resolve(run(this.#clock.now()));
  }

  #held({ id, fence }: TaskLease): TaskEntry | undefined {
    const entry = this.#table.get(id);
    return entry?.task.state === 'running' && entry.task.fence === fence ? entry : undefined;
  }

  #claimOne(entry: TaskEntry, now: number, leaseMs: number): void {
    entry.settled = undefined;
    entry.task.fence += 1;
    entry.task.startedAtMs = now;
    entry.task.progress = undefined;
    this.#table.lease(entry, now + leaseMs);
  }

  #settleOne(settlement: Settlement, now: number): SettleReply {
    const entry = this.#held(settlement);
    if (entry === undefined) {
      const known = this.#table.get(settlement.id);
      return known?.task.fence === settlement.fence && known.settled === settlement.kind ? 'settled' : 'lost';
    }
    const { task } = entry;
    const state = moveTask(task.state, settlement.kind);
    entry.settled = settlement.kind;
    if (settlement.kind === 'fail' || settlement.kind === 'retry') {
      task.failures += 1;
      task.error = settlement.error;
    }
    if (settlement.kind === 'retry') task.runAtMs = now + settlement.delayMs;
    if (settlement.kind === 'succeed') {
      task.result = settlement.result;
      task.error = undefined;
    }
    if (isFinalState(state)) this.#finish(entry, state, now);
    else {
      this.#table.wait(entry, state);
      this.#hint('work', task.queue);
    }
    return 'settled';
  }

  #renewOne(renewal: Renewal, until: number): RenewReply {
    const entry = this.#held(renewal);
    if (entry === undefined) {
      const known = this.#table.get(renewal.id)?.task;
      return known?.state === 'cancelled' && known.fence === renewal.fence ? 'cancelled' : 'lost';
    }
    if (renewal.progress !== undefined) entry.task.progress = renewal.progress;
    this.#table.renew(entry, until);
    return 'held';
  }

  #lapseOne(entry: TaskEntry, now: number): TaskState {
    const { task } = entry;
    entry.settled = 'lapse';
    task.crashes += 1;
    if (task.crashes > task.maxCrashes) {
      task.error = crashError(task.crashes);
      this.#finish(entry, moveTask(task.state, 'crash'), now);
    } else {
      this.#table.wait(entry, moveTask(task.state, 'lapse'));
      this.#hint('work', task.queue);
    }
    return task.state;
  }

  #cancelOne(id: string, now: number): CancelReply {
    const entry = this.#table.get(id);
    if (entry === undefined) return 'missing';
    const { state, queue } = entry.task;
    if (isFinalState(state)) return state === 'cancelled' ? 'cancelled' : 'final';
    this.#finish(entry, moveTask(state, 'cancel'), now);
    if (state === 'running') this.#hint('cancel', queue);
    return 'cancelled';
  }

  #finish(entry: TaskEntry, state: TaskState, now: number): void {
    this.#table.finish(entry, state, now);
    this.#hint('done', entry.task.queue);
  }

  #hint(kind: TaskHint['kind'], queue: string): void {
    for (const { hint } of this.#listeners) hint({ kind, queue });
  }
}

function claimedTask(task: TaskRecord): ClaimedTask {
  const { id, name, queue, priority, input, fence, failures, crashes, runAtMs, createdAtMs, seq } = task;
  return { id, name, queue, priority, input, fence, failures, crashes, runAtMs, createdAtMs, seq };
}

/**
 * Keeps tasks in this process: all guarantees of {@link TaskStore} but survival of the process.
 *
 * @example
 * ```ts
 * import { createMemoryTaskStore } from '@tunic/core';
 *
 * const store = createMemoryTaskStore();
 * await store.list({ limit: 10 }); // []
 * ```
 */
export function createMemoryTaskStore(options: MemoryTaskStoreOptions = {}): TaskStore {
  return new MemoryTaskStore(options.clock ?? systemClock);
}
