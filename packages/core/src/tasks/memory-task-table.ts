import {
  createPriorityQueue,
  type PriorityQueue,
  type PriorityHandle,
} from '../collections/priority-queue.ts';
import { moveTask, type TaskState } from './state.ts';
import type { NewTask, TaskOutcome, TaskRecord } from './store.ts';

/** A task in the table. */
export interface TaskEntry {
  readonly task: TaskRecord;
  /** How its newest run ended; empty while it runs. */
  settled: TaskOutcome['kind'] | 'lapse' | undefined;
  /** When its lease ends while it runs, and its retention once it has ended. */
  until: number;
  /** The one queue of the table in which it stands. */
  place: { queue: PriorityQueue<TaskEntry>; handle: PriorityHandle } | undefined;
}

interface QueueIndex {
  readonly ready: PriorityQueue<TaskEntry>;
  readonly due: PriorityQueue<TaskEntry>;
}

function compareReady({ task: a }: TaskEntry, { task: b }: TaskEntry): number {
  return a.priority - b.priority || a.runAtMs - b.runAtMs || a.seq - b.seq;
}

/** Tasks by id and by arrival, and the four orders in which a store looks for them. */
export class MemoryTaskTable {
  readonly #byId = new Map<string, TaskEntry>();
  /** In order of `seq`; purged entries stay until they are the larger part. */
  #arrivals: TaskEntry[] = [];
  readonly #queues = new Map<string, QueueIndex>();
  readonly #leases = createPriorityQueue<TaskEntry>();
  readonly #ended = createPriorityQueue<TaskEntry>();
  #lastSeq = 0;

  get(id: string): TaskEntry | undefined {
    return this.#byId.get(id);
  }

  add(task: NewTask, now: number): TaskEntry {
    const entry: TaskEntry = {
      task: {
        id: task.id,
        name: task.name,
        queue: task.queue,
        priority: task.priority,
        state: 'scheduled',
        seq: (this.#lastSeq += 1),
        input: task.input,
        runAtMs: task.runAtMs ?? now + (task.delayMs ?? 0),
        createdAtMs: now,
        startedAtMs: undefined,
        finishedAtMs: undefined,
        fence: 0,
        failures: 0,
        crashes: 0,
        maxCrashes: task.maxCrashes,
        retentionMs: task.retentionMs,
        progress: undefined,
        result: undefined,
        error: undefined,
      },
      settled: undefined,
      until: Infinity,
      place: undefined,
    };
    this.#byId.set(task.id, entry);
    this.#arrivals.push(entry);
    this.wait(entry, entry.task.runAtMs <= now ? moveTask('scheduled', 'promote') : 'scheduled');
    return entry;
  }

  /** Puts a task where it waits for its time (`scheduled`) or for a worker (`queued`). */
  wait(entry: TaskEntry, state: TaskState): void {
    const { ready, due } = this.#index(entry.task.queue);
    entry.task.state = state;
    entry.until = Infinity;
    if (state === 'scheduled') this.#stand(entry, due, entry.task.runAtMs);
    else this.#stand(entry, ready, 0);
  }

  /** Moves the tasks of a queue that are due, the longest due first; answers how many. */
  promote(queue: string, now: number, limit: number): number {
    const due = this.#queues.get(queue)?.due;
    for (let promoted = 0; promoted < limit; promoted += 1) {
      const entry = due?.peek();
      if (!isDue(entry, now)) return promoted;
      this.wait(entry, moveTask(entry.task.state, 'promote'));
    }
    return limit;
  }

  queuesWithDue(now: number): string[] {
    return [...this.#queues.keys()].filter((queue) => isDue(this.#queues.get(queue)?.due.peek(), now));
  }

  nextReady(queue: string): TaskEntry | undefined {
    return this.#queues.get(queue)?.ready.peek();
  }

  lease(entry: TaskEntry, until: number): void {
    entry.task.state = moveTask(entry.task.state, 'claim');
    entry.until = until;
    this.#stand(entry, this.#leases, until);
  }

  renew(entry: TaskEntry, until: number): void {
    entry.until = until;
    if (entry.place !== undefined) this.#leases.update(entry.place.handle, until);
  }

  nextLapsed(now: number): TaskEntry | undefined {
    const entry = this.#leases.peek();
    return isOver(entry, now) ? entry : undefined;
  }

  /** Ends a task; it stays until its retention is over. */
  finish(entry: TaskEntry, state: TaskState, now: number): void {
    entry.task.state = state;
    entry.task.finishedAtMs = now;
    entry.until = now + entry.task.retentionMs;
    this.#stand(entry, this.#ended, entry.until);
  }

  /** Drops ended tasks whose retention is over; answers how many. */
  purge(now: number, limit: number): number {
    let purged = 0;
    for (let entry = this.#ended.peek(); purged < limit && isOver(entry, now); entry = this.#ended.peek()) {
      this.#ended.pop();
      this.#byId.delete(entry.task.id);
      purged += 1;
    }
    if (this.#arrivals.length > 64 && this.#arrivals.length > this.#byId.size * 2)
      this.#arrivals = this.#arrivals.filter((entry) => this.#isKept(entry));
    return purged;
  }

  /** Whether a pass at `now` would find anything to do. */
  hasOverdue(now: number): boolean {
    return isOver(this.#leases.peek(), now) || isOver(this.#ended.peek(), now) || this.queuesWithDue(now).length > 0;
  }

  /** Tasks that arrived before the one with this `seq`, the newest first. */
  *newestFirst(beforeSeq: number): Generator<TaskRecord> {
    let [low, high] = [0, this.#arrivals.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#arrivals[middle]?.task.seq ?? Infinity) < beforeSeq) low = middle + 1;
      else high = middle;
    }
    for (let index = low - 1; index >= 0; index -= 1) {
      const entry = this.#arrivals[index];
      if (entry !== undefined && this.#isKept(entry)) yield entry.task;
    }
  }

  #isKept(entry: TaskEntry): boolean {
    return this.#byId.get(entry.task.id) === entry;
  }

  #index(queue: string): QueueIndex {
    let index = this.#queues.get(queue);
    if (index === undefined) {
      index = { ready: createPriorityQueue({ compare: compareReady }), due: createPriorityQueue() };
      this.#queues.set(queue, index);
    }
    return index;
  }

  #stand(entry: TaskEntry, queue: PriorityQueue<TaskEntry>, at: number): void {
    entry.place?.queue.remove(entry.place.handle);
    entry.place = { queue, handle: queue.push(entry, at) };
  }
}

function isDue(entry: TaskEntry | undefined, now: number): entry is TaskEntry {
  return entry !== undefined && entry.task.runAtMs <= now;
}

function isOver(entry: TaskEntry | undefined, now: number): entry is TaskEntry {
  return entry !== undefined && entry.until <= now;
}
