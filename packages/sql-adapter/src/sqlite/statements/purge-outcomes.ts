import type { SqliteQuery } from '../sqlite-query.ts';

/** now, limit */
export const purgeOutcomes: SqliteQuery = (prefix) => `
  DELETE FROM ${prefix}outcomes WHERE seq IN (
    SELECT seq FROM ${prefix}tasks INDEXED BY ${prefix}tasks_expiry
    WHERE expires_at <= ?
    ORDER BY expires_at, seq LIMIT ?)`;
