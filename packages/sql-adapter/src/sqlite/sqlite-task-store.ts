import {
  type CancelReply,
  type ClaimRequest,
  type ClaimedTask,
  type Clock,
  type Duration,
  type EnqueueReply,
  type Logger,
  type NewTask,
  type ReapReport,
  type Renewal,
  type RenewReply,
  type SettleReply,
  type Settlement,
  type TaskFilter,
  type TaskHint,
  type TaskRecord,
  type TaskStore,
  callHook,
  silentLogger,
} from '@tunic/core';
import { checkPrefix } from '../migrations/prefix.ts';
import type { SqliteClient } from './sqlite-client.ts';
import { SqliteSession, type SqliteStatements } from './sqlite-session.ts';
import { storableMs } from './storable-ms.ts';
import { cancelTasks } from './tasks/cancel-tasks.ts';
import { claimTasks, peekClaim } from './tasks/claim-tasks.ts';
import { enqueueTasks } from './tasks/enqueue-tasks.ts';
import { getTasks, listRecords } from './tasks/read-tasks.ts';
import { hasOverdue, reapTasks } from './tasks/reap-tasks.ts';
import { renewLeases } from './tasks/renew-leases.ts';
import type { Reply } from './tasks/reply.ts';
import { settleTasks } from './tasks/settle-tasks.ts';

/** Options of {@link createSqlTaskStore}. */
export interface SqlTaskStoreOptions {
  /** One connection to an SQLite file: what `openSqlite` gives, or your own driver's object. It stays yours to close. */
  client: SqliteClient;
  /** Begins the name of every table: a letter or `_`, then up to 30 letters, digits or `_`. Default: `tunic_`. */
  prefix?: string;
  /** The store's clock. Every process on one file shares the machine's, which is the default. */
  clock?: Clock;
  /** Numbers in [0, 1) for the pauses while the file is locked. Default: `Math.random`. */
  random?: () => number;
  /** How long a call waits for a file that another process has locked. Default: 10 s. */
  busyTimeout?: Duration;
  /** `false`: tables that are missing or old are an error instead of being brought up to date. Default: `true`. */
  migrate?: boolean;
  /** Hears what listeners of `wake` throw. */
  logger?: Logger;
}

const NOTHING_REAPED: Readonly<ReapReport> = { promoted: 0, lapsed: 0, crashed: 0, purged: 0, more: false };

class SqliteTaskStore implements TaskStore {
  readonly #session: SqliteSession;
  readonly #logger: Logger;
  readonly #listeners = new Set<{ hint: (hint: TaskHint) => void }>();

  constructor(session: SqliteSession, logger: Logger) {
    this.#session = session;
    this.#logger = logger;
  }

  enqueue(tasks: readonly NewTask[]): Promise<EnqueueReply[]> {
    return this.#write((db, now) => enqueueTasks(db, tasks, now));
  }

  async claim(request: ClaimRequest): Promise<ClaimedTask[]> {
    const known = await this.#session.read((db, now) => peekClaim(db, request, now));
    return known ?? this.#session.write((db, now) => claimTasks(db, request, now));
  }

  settle(settlements: readonly Settlement[]): Promise<SettleReply[]> {
    return this.#write((db, now) => settleTasks(db, settlements, now));
  }

  renew(renewals: readonly Renewal[], leaseMs: number): Promise<RenewReply[]> {
    return this.#session.write((db, now) => renewLeases(db, renewals, storableMs(now + leaseMs)));
  }

  async reap(limit: number): Promise<ReapReport> {
    if (!(await this.#session.read(hasOverdue))) return { ...NOTHING_REAPED };
    return this.#write((db, now) => reapTasks(db, limit, now));
  }

  cancel(ids: readonly string[]): Promise<CancelReply[]> {
    return this.#write((db, now) => cancelTasks(db, ids, now));
  }

  get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
    return this.#session.read((db) => getTasks(db, ids));
  }

  list(filter: TaskFilter): Promise<TaskRecord[]> {
    return this.#session.read((db) => listRecords(db, filter));
  }

  wake(hint: (hint: TaskHint) => void): () => void {
    const listener = { hint };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#session.close();
    this.#listeners.clear();
    return Promise.resolve();
  }

  async #write<T>(work: (db: SqliteStatements, now: number) => Reply<T>): Promise<T> {
    const { value, hints } = await this.#session.write(work);
    if (this.#listeners.size > 0) this.#tell(hints);
    return value;
  }

  #tell(hints: readonly TaskHint[]): void {
    const told = new Set<string>();
    for (const hint of hints) {
      const key = `${hint.kind} ${hint.queue}`;
      if (told.has(key)) continue;
      told.add(key);
      for (const listener of this.#listeners) callHook(this.#logger, 'wake', () => listener.hint(hint));
    }
  }
}

/**
 * Keeps tasks in an SQLite file with all guarantees of {@link TaskStore}; several processes may share the file. Every
 * call is one transaction that runs synchronously, so a batch costs far less than its tasks one by one. `wake` tells of
 * what was done through this object; what other processes did is found by polling. What survives a power cut is decided
 * by the connection (see `openSqlite`).
 *
 * Calls reject with `ERR_TUNIC_STORE_BUSY` and `ERR_TUNIC_STORE_FULL` (both may be retried: nothing was changed),
 * `ERR_TUNIC_STORE_SCHEMA`, `ERR_TUNIC_STORE` with the driver's error as its cause, and `ERR_TUNIC_CLOSED` once the
 * store is disposed of.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createSqlTaskStore, openSqlite } from '@tunic/sql-adapter';
 *
 * const client = await openSqlite(':memory:');
 * const store = createSqlTaskStore({ client });
 * const task = { id: 'a', name: 'greet', queue: 'default', priority: 0, input: '{}', maxCrashes: 3, retentionMs: 1000 };
 * await store.enqueue([task]); // [{ id: 'a', created: true }]
 * await store[Symbol.asyncDispose]();
 * client.close();
 * ```
 */
export function createSqlTaskStore(options: SqlTaskStoreOptions): TaskStore {
  const { prefix = 'tunic_', logger = silentLogger, ...rest } = options;
  return new SqliteTaskStore(new SqliteSession({ ...rest, prefix: checkPrefix(prefix) }), logger);
}
