import { toServerError } from '../client/server-error.ts';
import type { PostgresClient } from '../postgres/postgres-client.ts';
import { type Migration, needsMigration } from './migration.ts';
import { postgresIdempotency } from './postgres/idempotency.ts';

const MIGRATIONS: readonly Migration[] = [postgresIdempotency];

async function readVersion(client: PostgresClient, prefix: string): Promise<number> {
  const table = `${prefix}migrations`;
  const { rows: known } = await client.query('SELECT to_regclass($1) IS NOT NULL AS known', [table]);
  if (!(known[0] as { known: boolean }).known) return 0;
  const { rows } = await client.query(`SELECT coalesce(max(version), 0) AS version FROM ${table}`);
  return Number((rows[0] as { version: number | string }).version);
}

/**
 * One statement for all steps, because a pool may run the next statement on another connection: it waits for the
 * lock, looks again what is missing, and its work is committed or rolled back as a whole.
 */
function script(prefix: string): string {
  const steps = MIGRATIONS.map(
    (migration, index) => `
  IF NOT EXISTS (SELECT FROM ${prefix}migrations WHERE version = ${index + 1}) THEN
    ${migration.statements(prefix).join(';\n    ')};
    INSERT INTO ${prefix}migrations (version, name) VALUES (${index + 1}, '${migration.name}');
  END IF;`,
  );
  return `DO $tunic$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(current_schema() || '.${prefix}migrations', 0));
  CREATE TABLE IF NOT EXISTS ${prefix}migrations (version integer PRIMARY KEY, name text NOT NULL);${steps.join('')}
END $tunic$`;
}

/** Brings the tables on PostgreSQL up to date, once however many processes start; where nothing is missing it reads. */
export async function migratePostgres(client: PostgresClient, options: { prefix: string; migrate: boolean }): Promise<void> {
  const { prefix, migrate } = options;
  try {
    const version = await readVersion(client, prefix);
    if (needsMigration({ migrations: MIGRATIONS, version, migrate })) await client.query(script(prefix));
  } catch (error) {
    throw toServerError(error);
  }
}
