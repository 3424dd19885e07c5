import { type Clock, TunicError, systemClock, toMilliseconds, type Duration, systemRandom } from '@tunic/core';
import { migrateSqlite } from '../migrations/sqlite-migrations.ts';
import { type BusyPolicy, retryWhileBusy } from './retry-while-busy.ts';
import type { SqliteClient, SqliteStatement, SqliteValue } from './sqlite-client.ts';
import type { SqliteQuery } from './sqlite-query.ts';
import { type SqliteBegin, runTransaction } from './transaction.ts';

/** The statements of one connection, as work inside a transaction sees them. */
export interface SqliteStatements {
  /** Runs a statement; answers how many rows it wrote. */
  run(query: SqliteQuery<unknown>, ...parameters: SqliteValue[]): number;
  get<Row>(query: SqliteQuery<Row>, ...parameters: SqliteValue[]): Row | undefined;
  all<Row>(query: SqliteQuery<Row>, ...parameters: SqliteValue[]): Row[];
}

/** What every store on SQLite is made with. */
export interface SqliteSessionOptions {
  client: SqliteClient;
  prefix: string;
  clock?: Clock;
  random?: () => number;
  busyTimeout?: Duration;
  migrate?: boolean;
}

class PreparedStatements implements SqliteStatements {
  readonly #client: SqliteClient;
  readonly #prefix: string;
  readonly #prepared = new Map<SqliteQuery<unknown>, SqliteStatement>();

  constructor(client: SqliteClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  run(query: SqliteQuery<unknown>, ...parameters: SqliteValue[]): number {
    return Number(this.#statement(query).run(...parameters).changes);
  }

  get<Row>(query: SqliteQuery<Row>, ...parameters: SqliteValue[]): Row | undefined {
    return this.#statement(query).get(...parameters) as Row | undefined;
  }

  all<Row>(query: SqliteQuery<Row>, ...parameters: SqliteValue[]): Row[] {
    return this.#statement(query).all(...parameters) as Row[];
  }

  clear(): void {
    this.#prepared.clear();
  }

  #statement(query: SqliteQuery<unknown>): SqliteStatement {
    let statement = this.#prepared.get(query);
    if (statement === undefined) {
      statement = this.#client.prepare(query(this.#prefix));
      this.#prepared.set(query, statement);
    }
    return statement;
  }
}

/**
 * Transactions on one connection. Each runs synchronously from BEGIN to COMMIT, so two of them never mix; while
 * another process holds the lock, it waits without blocking the event loop.
 */
export class SqliteSession {
  readonly #client: SqliteClient;
  readonly #prefix: string;
  readonly #migrate: boolean;
  readonly #statements: PreparedStatements;
  readonly #policy: BusyPolicy;
  readonly #closing = new AbortController();
  #ready: Promise<void> | true | undefined;

  constructor(options: SqliteSessionOptions) {
    this.#client = options.client;
    this.#prefix = options.prefix;
    this.#migrate = options.migrate ?? true;
    this.#statements = new PreparedStatements(options.client, options.prefix);
    this.#policy = {
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      busyTimeoutMs: toMilliseconds(options.busyTimeout ?? '10s', 'busyTimeout'),
      signal: this.#closing.signal,
    };
  }

  /** A transaction that may write. `work` gets the store's time, read under the lock; it may run more than once. */
  write<T>(work: (db: SqliteStatements, now: number) => T): Promise<T> {
    return this.#transaction('BEGIN IMMEDIATE', work);
  }

  /** A transaction that only reads: one snapshot, which writers neither hold up nor wait for. */
  read<T>(work: (db: SqliteStatements, now: number) => T): Promise<T> {
    return this.#transaction('BEGIN', work);
  }

  /** Ends waiting calls; all calls reject with `ERR_TUNIC_CLOSED` from now on. The connection stays the user's. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#statements.clear();
    this.#closing.abort(new TunicError('ERR_TUNIC_CLOSED', 'the store is closed'));
  }

  async #transaction<T>(begin: SqliteBegin, work: (db: SqliteStatements, now: number) => T): Promise<T> {
    this.#closing.signal.throwIfAborted();
    if (this.#ready !== true) await this.#prepare();
    return retryWhileBusy(this.#policy, () =>
      runTransaction(this.#client, begin, () => work(this.#statements, this.#policy.clock.now())),
    );
  }

  async #prepare(): Promise<void> {
    this.#ready ??= migrateSqlite(this.#client, { prefix: this.#prefix, migrate: this.#migrate, busy: this.#policy });
    try {
      await this.#ready;
      this.#ready = true;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }
}
