import type { Migration } from '../migration.ts';

/** A key that was released or has expired stays for a day, so that its fence goes on growing. */
export const postgresIdempotency: Migration = {
  name: 'idempotency',
  statements: (prefix) => [
    `CREATE TABLE ${prefix}idempotency (
      key text COLLATE "C" PRIMARY KEY,
      owner text,
      fingerprint text NOT NULL,
      fence bigint NOT NULL,
      value text,
      expires_at bigint NOT NULL
    )`,
    `CREATE INDEX ${prefix}idempotency_expiry ON ${prefix}idempotency (expires_at)`,
  ],
};
