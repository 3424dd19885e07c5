import type { SqliteQuery } from '../sqlite-query.ts';

/** now, limit */
export const forgetClaims: SqliteQuery = (prefix) => `
  DELETE FROM ${prefix}claims WHERE worker IN (
    SELECT worker FROM ${prefix}claims WHERE stale_at <= ? ORDER BY stale_at LIMIT ?)`;
