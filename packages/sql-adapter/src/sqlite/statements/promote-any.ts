import type { SqliteQuery } from '../sqlite-query.ts';

/** now, limit; answers the queues, once for each task */
export const promoteAny: SqliteQuery<{ queue: string }> = (prefix) => `
  UPDATE ${prefix}tasks SET state = 'queued' WHERE seq IN (
    SELECT seq FROM ${prefix}tasks INDEXED BY ${prefix}tasks_due_anywhere
    WHERE state = 'scheduled' AND run_at <= ?
    ORDER BY run_at LIMIT ?)
  RETURNING queue`;
