import { type BusyPolicy, retryWhileBusy } from '../sqlite/retry-while-busy.ts';
import type { SqliteClient } from '../sqlite/sqlite-client.ts';
import { runTransaction } from '../sqlite/transaction.ts';
import { type Migration, needsMigration } from './migration.ts';
import { sqliteIdempotency } from './sqlite/idempotency.ts';
import { sqliteTasks } from './sqlite/tasks.ts';

const MIGRATIONS: readonly Migration[] = [sqliteTasks, sqliteIdempotency];

function readVersion(client: SqliteClient, prefix: string): number {
  const table = `${prefix}migrations`;
  const known = client.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").all(table);
  if (known.length === 0) return 0;
  const row = client.prepare(`SELECT max(version) AS version FROM ${table}`).get() as { version: number | null };
  return row.version ?? 0;
}

function runMissing(client: SqliteClient, prefix: string, migrate: boolean): void {
  const version = readVersion(client, prefix);
  if (!needsMigration({ migrations: MIGRATIONS, version, migrate })) return;
  client.exec(`CREATE TABLE IF NOT EXISTS ${prefix}migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL)`);
  const record = client.prepare(`INSERT INTO ${prefix}migrations (version, name) VALUES (?, ?)`);
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    for (const statement of migration.statements(prefix)) client.exec(statement);
    record.run(index + 1, migration.name);
  }
}

/** What {@link migrateSqlite} works on. */
export interface SqliteMigrationOptions {
  prefix: string;
  migrate: boolean;
  busy: BusyPolicy;
}

/**
 * Brings the tables up to date: all missing steps or none, in one transaction, once however many processes start.
 * Where nothing is missing it only reads.
 */
export async function migrateSqlite(client: SqliteClient, options: SqliteMigrationOptions): Promise<void> {
  const { prefix, migrate, busy } = options;
  const version = await retryWhileBusy(busy, () => readVersion(client, prefix));
  if (!needsMigration({ migrations: MIGRATIONS, version, migrate })) return;
  await retryWhileBusy(busy, () => runTransaction(client, 'BEGIN IMMEDIATE', () => runMissing(client, prefix, migrate)));
}
