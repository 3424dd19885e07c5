import type { SqliteClient } from './sqlite-client.ts';

/** How a transaction begins: `BEGIN IMMEDIATE` takes the write lock at once, `BEGIN` only reads. */
export type SqliteBegin = 'BEGIN IMMEDIATE' | 'BEGIN';

/** Runs `work` in one transaction, all or nothing; after a failure, also of COMMIT, the connection is usable again. */
export function runTransaction<T>(client: SqliteClient, begin: SqliteBegin, work: () => T): T {
  // A BEGIN that fails has opened nothing: rolling back then could end a transaction of the user's own.
  client.exec(begin);
  try {
    const result = work();
    client.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(client);
    throw error;
  }
}

function rollBack(client: SqliteClient): void {
  try {
    client.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}
