import type { SettledRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** id, fence */
export const settleRelease: SqliteQuery<SettledRow> = (prefix) => `
  UPDATE ${prefix}tasks
  SET state = 'queued', settled = 'release', lease_until = NULL
  WHERE id = ? AND fence = ? AND state = 'running'
  RETURNING seq, queue`;
