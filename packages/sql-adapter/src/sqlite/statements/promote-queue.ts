import type { SqliteQuery } from '../sqlite-query.ts';

/** queue, now, limit */
export const promoteQueue: SqliteQuery = (prefix) => `
  UPDATE ${prefix}tasks SET state = 'queued' WHERE seq IN (
    SELECT seq FROM ${prefix}tasks INDEXED BY ${prefix}tasks_due
    WHERE state = 'scheduled' AND queue = ? AND run_at <= ?
    ORDER BY run_at LIMIT ?)`;
