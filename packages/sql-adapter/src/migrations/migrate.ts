import { type Clock, type Duration, systemClock, toMilliseconds, systemRandom } from '@tunic/core';
import { recogniseClient, type SqlClient } from '../client/sql-client.ts';
import { migrateMysql } from './mysql-migrations.ts';
import { migratePostgres } from './postgres-migrations.ts';
import { checkPrefix } from './prefix.ts';
import { migrateSqlite } from './sqlite-migrations.ts';

/** Options of {@link migrate}. */
export interface MigrateOptions {
  /** As in the stores. Default: `tunic_`. */
  prefix?: string;
  /** How long to wait for an SQLite file that another process has locked. Default: 10 s. */
  busyTimeout?: Duration;
  /** For the waits on SQLite. Default: the machine's. */
  clock?: Clock;
  /** Numbers in [0, 1) for these waits. Default: `Math.random`. */
  random?: () => number;
}

/**
 * Creates the tables or brings them up to date, each step once and in order however many processes do it at once. The
 * stores do the same at their first call unless they are made with `migrate: false`.
 *
 * @throws `ERR_TUNIC_STORE_SCHEMA` when the tables are newer than this code; `ERR_TUNIC_STORE_BUSY`, `ERR_TUNIC_STORE`;
 * `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { migrate, openSqlite } from '@tunic/sql-adapter';
 *
 * const client = await openSqlite(':memory:');
 * await migrate(client);
 * client.close();
 * ```
 */
export async function migrate(client: SqlClient, options: MigrateOptions = {}): Promise<void> {
  const { clock = systemClock, random = systemRandom, busyTimeout = '10s' } = options;
  const prefix = checkPrefix(options.prefix ?? 'tunic_');
  const busy = { clock, random, busyTimeoutMs: toMilliseconds(busyTimeout, 'busyTimeout') };
  const recognised = recogniseClient(client);
  switch (recognised.dialect) {
    case 'sqlite':
      return migrateSqlite(recognised.client, { prefix, migrate: true, busy });
    case 'postgres':
      return migratePostgres(recognised.client, { prefix, migrate: true });
    case 'mysql':
      return migrateMysql(recognised.client, { prefix, migrate: true });
  }
}
