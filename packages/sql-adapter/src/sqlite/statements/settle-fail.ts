import type { SettledRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** now, now, id, fence */
export const settleFail: SqliteQuery<SettledRow> = (prefix) => `
  UPDATE ${prefix}tasks
  SET state = 'failed', settled = 'fail', failures = failures + 1, finished_at = ?, expires_at = ? + retention,
    lease_until = NULL
  WHERE id = ? AND fence = ? AND state = 'running'
  RETURNING seq, queue`;
