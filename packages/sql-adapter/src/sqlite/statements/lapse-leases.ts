import type { LapsedRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** now, now, now, limit: SQLite evaluates every right-hand side before it assigns */
export const lapseLeases: SqliteQuery<LapsedRow> = (prefix) => `
  UPDATE ${prefix}tasks
  SET crashes = crashes + 1,
    state = CASE WHEN crashes < max_crashes THEN 'queued' ELSE 'failed' END,
    finished_at = CASE WHEN crashes < max_crashes THEN NULL ELSE ? END,
    expires_at = CASE WHEN crashes < max_crashes THEN NULL ELSE ? + retention END,
    settled = 'lapse', lease_until = NULL
  WHERE seq IN (
    SELECT seq FROM ${prefix}tasks INDEXED BY ${prefix}tasks_lease
    WHERE state = 'running' AND lease_until <= ?
    ORDER BY lease_until LIMIT ?)
  RETURNING seq, queue, state, crashes`;
