import { TunicError } from '@tunic/core';
import { toServerError } from '../client/server-error.ts';
import type { MysqlClient, MysqlConnection } from '../mysql/mysql-client.ts';
import { type Migration, needsMigration } from './migration.ts';
import { mysqlIdempotency } from './mysql/idempotency.ts';

const MIGRATIONS: readonly Migration[] = [mysqlIdempotency];
const LOCK_SECONDS = 30;
/** Locks are the server's, not the database's, and their names have 64 characters at most. */
const LOCK = "CONCAT('tunic.', SHA2(CONCAT(DATABASE(), '.', ?), 224))";

async function first(connection: MysqlConnection, sql: string, parameters: string[] = []): Promise<unknown> {
  const [rows] = await connection.execute(sql, parameters);
  return Object.values((rows as Record<string, unknown>[])[0] ?? {})[0];
}

async function readVersion(connection: MysqlConnection, prefix: string): Promise<number> {
  const table = `${prefix}migrations`;
  const sql = 'SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?';
  if (Number(await first(connection, sql, [table])) === 0) return 0;
  return Number(await first(connection, `SELECT COALESCE(MAX(version), 0) FROM ${table}`));
}

async function runMissing(connection: MysqlConnection, prefix: string, version: number): Promise<void> {
  await connection.query(
    `CREATE TABLE IF NOT EXISTS ${prefix}migrations (version INT PRIMARY KEY, name VARCHAR(200) NOT NULL) ENGINE = InnoDB`,
  );
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    for (const statement of migration.statements(prefix)) await connection.query(statement);
    await connection.execute(`INSERT INTO ${prefix}migrations (version, name) VALUES (?, ?)`, [index + 1, migration.name]);
  }
}

async function migrateAlone(connection: MysqlConnection, prefix: string): Promise<void> {
  const lockName = `${prefix}migrations`;
  const locked = await first(connection, `SELECT GET_LOCK(${LOCK}, ${LOCK_SECONDS})`, [lockName]);
  if (Number(locked) !== 1)
    throw new TunicError('ERR_TUNIC_STORE_BUSY', `another process has been migrating for ${LOCK_SECONDS} s`, { retryable: true });
  try {
    const version = await readVersion(connection, prefix);
    if (needsMigration({ migrations: MIGRATIONS, version, migrate: true })) await runMissing(connection, prefix, version);
  } finally {
    await first(connection, `SELECT RELEASE_LOCK(${LOCK})`, [lockName]);
  }
}

async function onOneConnection(client: MysqlClient, work: (connection: MysqlConnection) => Promise<void>): Promise<void> {
  if (client.getConnection === undefined) return work(client);
  const connection = await client.getConnection();
  try {
    await work(connection);
  } finally {
    connection.release();
  }
}

/** Brings the tables on MySQL or MariaDB up to date, once however many processes start. */
export async function migrateMysql(client: MysqlClient, options: { prefix: string; migrate: boolean }): Promise<void> {
  const { prefix, migrate } = options;
  try {
    const version = await readVersion(client, prefix);
    if (!needsMigration({ migrations: MIGRATIONS, version, migrate })) return;
    await onOneConnection(client, (connection) => migrateAlone(connection, prefix));
  } catch (error) {
    throw toServerError(error);
  }
}
