import type { ClaimedRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** now, lease end, queue, limit; answers the tasks in no order */
export const claimQueue: SqliteQuery<ClaimedRow> = (prefix) => `
  UPDATE ${prefix}tasks
  SET state = 'running', fence = fence + 1, started_at = ?, lease_until = ?, settled = NULL
  WHERE seq IN (
    SELECT seq FROM ${prefix}tasks INDEXED BY ${prefix}tasks_ready
    WHERE state = 'queued' AND queue = ?
    ORDER BY priority, run_at, seq LIMIT ?)
  RETURNING seq, id, name, queue, priority, fence, failures, crashes, run_at, created_at,
    (SELECT input FROM ${prefix}inputs AS input WHERE input.seq = ${prefix}tasks.seq) AS input`;
