import { invalidOption } from '@tunic/core';
import type { MysqlClient } from '../mysql/mysql-client.ts';
import type { PostgresClient } from '../postgres/postgres-client.ts';
import type { SqliteClient } from '../sqlite/sqlite-client.ts';

/** Any database connection that the stores understand: your own driver's object, recognised by its members. */
export type SqlClient = SqliteClient | PostgresClient | MysqlClient;

/** A client together with the database that it speaks to. */
export type RecognisedClient =
  | { dialect: 'sqlite'; client: SqliteClient }
  | { dialect: 'postgres'; client: PostgresClient }
  | { dialect: 'mysql'; client: MysqlClient };

/**
 * Tells the drivers apart: only SQLite's prepare synchronously, only mysql2 has `execute`.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function recogniseClient(client: SqlClient): RecognisedClient {
  const members = Object(client) as Record<string, unknown>;
  const has = (member: string): boolean => typeof members[member] === 'function';
  if (has('prepare') && has('exec')) return { dialect: 'sqlite', client: client as SqliteClient };
  if (has('execute') && has('query')) return { dialect: 'mysql', client: client as MysqlClient };
  if (has('query')) return { dialect: 'postgres', client: client as PostgresClient };
  throw invalidOption('client', 'an SQLite database, a Pool of pg, or a Pool of mysql2/promise', client);
}
