import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite, type SqliteClient } from '@tunic/sql-adapter';
import type { QueueParameters } from './queue-load.ts';

/** Parameters of the loads on SQLite. */
export interface SqliteParameters extends QueueParameters {
  readonly synchronous: 'full' | 'normal';
}

/** A new database file that goes when it is closed. Everyone gets the same driver and pragmas. */
export interface SqliteFile {
  readonly client: SqliteClient;
  close(): void;
}

export async function openSqliteFile({ synchronous }: SqliteParameters): Promise<SqliteFile> {
  const folder = mkdtempSync(join(tmpdir(), 'tunic-bench-'));
  const client = await openSqlite(join(folder, 'tasks.db'), { synchronous });
  return {
    client,
    close: () => {
      client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
