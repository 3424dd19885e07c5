import type { ClaimedTask, ClaimRequest, NewTask, TaskLease, TaskRecord, TaskStore } from '../../tasks/store.ts';
import { expectTrue } from '../contract-assert.ts';

/** What a case of `taskStoreContract` needs of the store under test. */
export interface TaskStoreHarness {
  /** Opens the same storage once more, as another process would. It is empty when the case begins. */
  open(): Promise<TaskStore>;
  /** Lets at least this many milliseconds pass on the store's clock. */
  advance(ms: number): Promise<void>;
  /**
   * A length of time in milliseconds that is long beside a call of the store: 1000 on a virtual clock, perhaps 100
   * against a real server, where `advance` really waits.
   */
  readonly unitMs: number;
}

/** A harness opened once, with short forms of what most cases do. */
export class TaskStoreBench {
  readonly store: TaskStore;
  readonly #harness: TaskStoreHarness;
  #requests = 0;

  constructor(store: TaskStore, harness: TaskStoreHarness) {
    this.store = store;
    this.#harness = harness;
  }

  get unitMs(): number {
    return this.#harness.unitMs;
  }

  /** A second process on the same storage. */
  async other(): Promise<TaskStoreBench> {
    return new TaskStoreBench(await this.#harness.open(), this.#harness);
  }

  /** Lets some units of time pass. */
  async pass(units: number): Promise<void> {
    await this.#harness.advance(units * this.unitMs);
  }

  async add(...tasks: Partial<NewTask>[]): Promise<void> {
    await this.store.enqueue(tasks.map(newTask));
  }

  request(overrides: Partial<ClaimRequest> = {}): ClaimRequest {
    this.#requests += 1;
    const leaseMs = 10 * this.unitMs;
    return { requestId: `request-${this.#requests}`, worker: 'w1', queues: ['q'], limit: 10, leaseMs, ...overrides };
  }

  claim(overrides: Partial<ClaimRequest> = {}): Promise<ClaimedTask[]> {
    return this.store.claim(this.request(overrides));
  }

  /** The lease on one task, which must be there to claim. */
  async claimOne(overrides: Partial<ClaimRequest> = {}): Promise<TaskLease> {
    const [task] = await this.claim({ limit: 1, ...overrides });
    expectTrue(task !== undefined, 'there is a task to claim');
    return { id: task.id, fence: task.fence };
  }

  async record(id: string): Promise<TaskRecord> {
    const [record] = await this.store.get([id]);
    expectTrue(record !== undefined, `task ${id} is there`);
    return record;
  }
}

/** A task that differs from the plainest one only as said. */
export function newTask(overrides: Partial<NewTask>): NewTask {
  return {
    id: 'a',
    name: 'work',
    queue: 'q',
    priority: 0,
    input: '{"n":1}',
    maxCrashes: 3,
    retentionMs: 86_400_000,
    ...overrides,
  };
}

/** The error of a failed attempt. */
export const FAILURE = { name: 'Error', message: 'it broke' } as const;

/** The ids of tasks, in their order. */
export function idsOf(tasks: readonly { id: string }[]): string[] {
  return tasks.map(({ id }) => id);
}
