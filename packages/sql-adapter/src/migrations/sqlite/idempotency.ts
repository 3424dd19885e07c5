import type { Migration } from '../migration.ts';

/** The fence is the row's own number: AUTOINCREMENT never gives one twice, also after the row is gone. */
export const sqliteIdempotency: Migration = {
  name: 'idempotency',
  statements: (prefix) => [
    `CREATE TABLE ${prefix}idempotency (
      fence INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL UNIQUE,
      owner TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      value TEXT,
      expires_at INTEGER NOT NULL
    )`,
    `CREATE INDEX ${prefix}idempotency_expiry ON ${prefix}idempotency (expires_at)`,
  ],
};
