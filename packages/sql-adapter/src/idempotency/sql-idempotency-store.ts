import type { Clock, Duration, IdempotencyStore } from '@tunic/core';
import { recogniseClient, type SqlClient } from '../client/sql-client.ts';
import { checkPrefix } from '../migrations/prefix.ts';
import { MysqlIdempotency } from '../mysql/mysql-idempotency.ts';
import { PostgresIdempotency } from '../postgres/postgres-idempotency.ts';
import { SqliteSession } from '../sqlite/sqlite-session.ts';
import { ServerIdempotencyStore } from './server-idempotency-store.ts';
import { SqliteIdempotencyStore } from './sqlite-idempotency-store.ts';

/** Options of {@link createSqlIdempotencyStore}. */
export interface SqlIdempotencyStoreOptions {
  /** An SQLite connection, a `Pool` of pg, or a `Pool` of mysql2/promise. It stays yours to close. */
  client: SqlClient;
  /** Begins the name of every table: a letter or `_`, then up to 30 letters, digits or `_`. Default: `tunic_`. */
  prefix?: string;
  /** `false`: tables that are missing or old are an error instead of being brought up to date. Default: `true`. */
  migrate?: boolean;
  /** The store's clock on SQLite; a server uses its own. Default: the machine's. */
  clock?: Clock;
  /** Numbers in [0, 1) for the pauses while an SQLite file is locked. Default: `Math.random`. */
  random?: () => number;
  /** How long a call waits for an SQLite file that another process has locked. Default: 10 s. */
  busyTimeout?: Duration;
}

/**
 * Keeps idempotency keys in a database, with all guarantees of {@link IdempotencyStore}; any number of processes may
 * share it. Dead keys are removed a few at a time by the calls that add new ones.
 *
 * Calls reject with `ERR_TUNIC_STORE_BUSY`, `ERR_TUNIC_STORE_FULL`, `ERR_TUNIC_STORE_SCHEMA` or `ERR_TUNIC_STORE`
 * (`retryable` tells whether the trouble may pass; the driver's error is the cause), and with `ERR_TUNIC_CLOSED` once
 * the store is disposed of.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createSqlIdempotencyStore, openSqlite } from '@tunic/sql-adapter';
 *
 * const client = await openSqlite(':memory:');
 * const store = createSqlIdempotencyStore({ client });
 * await store.begin('order-17', { owner: 'process-1', fingerprint: 'abc', leaseMs: 30_000 }); // acquired
 * await store[Symbol.asyncDispose]();
 * client.close();
 * ```
 */
export function createSqlIdempotencyStore(options: SqlIdempotencyStoreOptions): IdempotencyStore {
  const { migrate = true, client, ...session } = options;
  const prefix = checkPrefix(options.prefix ?? 'tunic_');
  const recognised = recogniseClient(client);
  switch (recognised.dialect) {
    case 'sqlite':
      return new SqliteIdempotencyStore(new SqliteSession({ ...session, client: recognised.client, prefix, migrate }));
    case 'postgres':
      return new ServerIdempotencyStore(new PostgresIdempotency(recognised.client, { prefix, migrate }));
    case 'mysql':
      return new ServerIdempotencyStore(new MysqlIdempotency(recognised.client, { prefix, migrate }));
  }
}
