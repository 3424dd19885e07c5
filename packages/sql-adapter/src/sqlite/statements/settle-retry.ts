import type { SettledRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** run_at, id, fence */
export const settleRetry: SqliteQuery<SettledRow> = (prefix) => `
  UPDATE ${prefix}tasks
  SET state = 'scheduled', settled = 'retry', failures = failures + 1, run_at = ?, lease_until = NULL
  WHERE id = ? AND fence = ? AND state = 'running'
  RETURNING seq, queue`;
