import type { SucceededRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** now, now, leases as JSON [[id, fence], …]; one statement for many, as most runs end so */
export const settleSucceed: SqliteQuery<SucceededRow> = (prefix) => `
  UPDATE ${prefix}tasks
  SET state = 'succeeded', settled = 'succeed', finished_at = ?, expires_at = ? + retention, lease_until = NULL
  FROM json_each(?) AS lease
  WHERE ${prefix}tasks.id = lease.value ->> 0 AND fence = lease.value ->> 1 AND state = 'running'
  RETURNING seq, id, fence, queue`;
