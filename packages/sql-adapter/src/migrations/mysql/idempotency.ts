import type { Migration } from '../migration.ts';

/**
 * Texts are bytes: the text types compare `a` and `a ` as equal, and store what the connection's character set leaves.
 * MySQL commits each of these statements by itself, so each can be run again.
 */
export const mysqlIdempotency: Migration = {
  name: 'idempotency',
  statements: (prefix) => [
    `CREATE TABLE IF NOT EXISTS ${prefix}idempotency (
      name VARBINARY(2048) NOT NULL PRIMARY KEY,
      owner VARBINARY(2048),
      fingerprint LONGBLOB NOT NULL,
      fence BIGINT NOT NULL,
      value LONGBLOB,
      expires_at BIGINT NOT NULL,
      INDEX ${prefix}idempotency_expiry (expires_at)
    ) ENGINE = InnoDB ROW_FORMAT = DYNAMIC`,
  ],
};
