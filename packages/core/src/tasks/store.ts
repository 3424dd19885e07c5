import type { ErrorDescription } from '../errors/tunic-error.ts';
import type { TaskState } from './state.ts';

/** A task as it is handed to a store. Texts hold any Unicode but NUL and lone surrogates. */
export interface NewTask {
  /** Names the task for ever; enqueueing it again adds nothing. At most 200 characters. */
  id: string;
  /** Which definition runs it. At most 200 characters. */
  name: string;
  /** At most 200 characters. */
  queue: string;
  /** From -1000 to 1000; lower runs first. */
  priority: number;
  /** JSON text. */
  input: string;
  /**
   * When it may run: `delayMs` counts from now on the store's clock; `runAtMs` is an instant that the user chose, in
   * milliseconds since the epoch, compared with the store's clock only. Neither: now.
   */
  delayMs?: number;
  runAtMs?: number;
  /** How many lost leases it survives; one more, and it ends in `failed`. */
  maxCrashes: number;
  /** How long it is kept once it has ended. */
  retentionMs: number;
}

/** A task as the store holds it. Instants are on the store's clock, in milliseconds since the epoch. */
export interface TaskRecord {
  id: string;
  name: string;
  queue: string;
  priority: number;
  state: TaskState;
  /** Place in the order of arrival at this store: grows with each new task, never used twice. */
  seq: number;
  /** JSON text, as it was enqueued. */
  input: string;
  runAtMs: number;
  createdAtMs: number;
  /** Start of the newest run. */
  startedAtMs: number | undefined;
  finishedAtMs: number | undefined;
  /** Number of the newest claim; 0 before the first. Only grows. */
  fence: number;
  /** Attempts that failed. */
  failures: number;
  /** Leases that ran out. */
  crashes: number;
  maxCrashes: number;
  retentionMs: number;
  /** Newest progress of the newest run: JSON text. */
  progress: string | undefined;
  /** JSON text; only when `succeeded`. */
  result: string | undefined;
  /** The last failure, also while further attempts are to come. */
  error: ErrorDescription | undefined;
}

/** A task leased to a worker: what it needs to run, and the fence that its later calls must show. */
export type ClaimedTask = Pick<
  TaskRecord,
  'id' | 'name' | 'queue' | 'priority' | 'input' | 'fence' | 'failures' | 'crashes' | 'runAtMs' | 'createdAtMs' | 'seq'
>;

/** Proof of a claim. */
export interface TaskLease {
  id: string;
  fence: number;
}

/** Asks for up to `limit` tasks. */
export interface ClaimRequest {
  /** New for each claim, the same when a claim is repeated because its reply was lost. */
  requestId: string;
  /** Who claims; has one claim under way at a time. */
  worker: string;
  queues: readonly string[];
  limit: number;
  leaseMs: number;
}

/** How a run ended. `release`: it never began, so nothing is counted. */
export type TaskOutcome =
  | { kind: 'succeed'; result?: string }
  | { kind: 'fail'; error: ErrorDescription }
  | { kind: 'retry'; error: ErrorDescription; delayMs: number }
  | { kind: 'release' };

/** The end of one run. */
export type Settlement = TaskLease & TaskOutcome;

/** `lost`: the fence is not the task's any more, or the task is not running; nothing was changed. */
export type SettleReply = 'settled' | 'lost';

/** Prolongs a lease and, where `progress` (JSON text) is given, stores it. */
export interface Renewal extends TaskLease {
  progress?: string;
}

/** `cancelled`: lost because somebody called the task off. */
export type RenewReply = 'held' | 'lost' | 'cancelled';

/** What {@link TaskStore.enqueue} did with one task. */
export interface EnqueueReply {
  id: string;
  /** `false`: a task with this id was there already and stays as it is. */
  created: boolean;
}

/** What {@link TaskStore.cancel} did. `final`: it had ended before. */
export type CancelReply = 'cancelled' | 'final' | 'missing';

/** What one maintenance pass did. */
export interface ReapReport {
  /** Scheduled tasks that became due. */
  promoted: number;
  /** Leases that had run out: their tasks went back to their queue. */
  lapsed: number;
  /** Leases that had run out once too often: their tasks failed. */
  crashed: number;
  /** Ended tasks whose retention was over: gone. */
  purged: number;
  /** There was more to do than the limit allowed. */
  more: boolean;
}

/** Which tasks {@link TaskStore.list} returns; all conditions hold together. */
export interface TaskFilter {
  states?: readonly TaskState[];
  queue?: string;
  name?: string;
  /** Only tasks that arrived before the one with this `seq`. */
  beforeSeq?: number;
  limit: number;
}

/**
 * Something may have changed in a queue. `work`: a task may be waiting; `cancel`: a running one may have been called
 * off; `done`: one may have ended.
 */
export interface TaskHint {
  kind: 'work' | 'cancel' | 'done';
  queue: string;
}

/**
 * The port on which tasks are kept. Every method is a batch (one call is a batch of one), atomic for each task in it,
 * bounded in work by what it was asked for, and may be repeated after a lost reply. All time is the store's own.
 *
 * 1. *Fenced.* Each claim gives the task a fence greater than any before. A call with an old fence changes nothing.
 * 2. *Replay-safe.* The same call again gives the same answer and has no second effect.
 * 3. *Store's clock.* No instant comes from the caller but a `runAtMs` that the user chose.
 * 4. *Ordered.* Claims of one consumer take (priority, runAtMs, seq) order within a queue, exactly, as long as fewer
 *    than a thousand tasks fall due between two of them. A retried task keeps its `seq` and gets a new `runAtMs`; a
 *    released or lapsed one keeps both.
 * 5. *Bounded.* No call costs more because more tasks wait.
 * 6. *Nothing lost.* A task whose lease ran out comes back through {@link TaskStore.reap}.
 *
 * A store of your own is checked by `taskStoreContract` of `@tunic/core/testing`. Rejections that may pass when
 * repeated are `TunicError`s with `retryable: true`.
 */
export interface TaskStore extends AsyncDisposable {
  /**
   * Adds tasks, all or none. A task that is due at once is `queued`, any other `scheduled`. `seq` grows in the order of
   * the array. A known id, also one twice in the array, adds nothing; replies stand in the order of the tasks.
   */
  enqueue(tasks: readonly NewTask[]): Promise<EnqueueReply[]>;

  /**
   * Promotes what is due in these queues, then leases up to `limit` queued tasks: `running`, fence + 1, no progress,
   * start now. Tasks come in order within each queue, queues in the order given. Repeated with the `requestId` of the
   * worker's newest claim, it returns that claim's tasks that are still held under it and claims nothing.
   */
  claim(request: ClaimRequest): Promise<ClaimedTask[]>;

  /**
   * Ends runs. A retry counts a failure and goes to `scheduled`; a release counts nothing. The same settlement again
   * answers `settled` for as long as no later claim has been made; anything else than the holder of a running task
   * gets `lost`.
   */
  settle(settlements: readonly Settlement[]): Promise<SettleReply[]>;

  /** Lets leases end `leaseMs` from now and stores progress. A lease that ran out but was not reaped is still held. */
  renew(renewals: readonly Renewal[], leaseMs: number): Promise<RenewReply[]>;

  /** One pass of promotion, of returning tasks whose lease ran out, and of retention; each touches at most `limit`. */
  reap(limit: number): Promise<ReapReport>;

  /** Ends tasks that have not ended, also running ones: their worker learns it at its next renewal. */
  cancel(ids: readonly string[]): Promise<CancelReply[]>;

  /** The records of these ids, in their order. */
  get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]>;

  /** Records, newest arrival first. */
  list(filter: TaskFilter): Promise<TaskRecord[]>;

  /**
   * Calls `hint` when something may have changed, as far as the store can tell; hints may be missing, late or
   * needless, so whoever listens also polls. Returns the function that ends it.
   */
  wake(hint: (hint: TaskHint) => void): () => void;
}
