import type { SqliteQuery } from '../sqlite/sqlite-query.ts';

/** A key as SQLite holds it; `value` is null while the work is under way. */
export interface KeyRow {
  fence: number;
  owner: string;
  fingerprint: string;
  value: string | null;
  expires_at: number;
}

/** key */
export const findKey: SqliteQuery<KeyRow> = (prefix) => `
  SELECT fence, owner, fingerprint, value, expires_at FROM ${prefix}idempotency WHERE key = ?`;

/** key */
export const dropKey: SqliteQuery = (prefix) => `
  DELETE FROM ${prefix}idempotency WHERE key = ?`;

/** key, owner, fingerprint, lease end */
export const takeKey: SqliteQuery<{ fence: number }> = (prefix) => `
  INSERT INTO ${prefix}idempotency (key, owner, fingerprint, expires_at) VALUES (?, ?, ?, ?)
  RETURNING fence`;

/** lease end, key, fence, now */
export const extendKey: SqliteQuery = (prefix) => `
  UPDATE ${prefix}idempotency SET expires_at = ?
  WHERE key = ? AND fence = ? AND value IS NULL AND expires_at > ?`;

/** value, end of its time, key, fence, now */
export const completeKey: SqliteQuery = (prefix) => `
  UPDATE ${prefix}idempotency SET value = ?, expires_at = ?
  WHERE key = ? AND fence = ? AND value IS NULL AND expires_at > ?`;

/** key, fence, now */
export const releaseKey: SqliteQuery = (prefix) => `
  DELETE FROM ${prefix}idempotency
  WHERE key = ? AND fence = ? AND value IS NULL AND expires_at > ?`;

/** now, limit: keys whose lease or time is over */
export const forgetKeys: SqliteQuery = (prefix) => `
  DELETE FROM ${prefix}idempotency WHERE fence IN (
    SELECT fence FROM ${prefix}idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`;
