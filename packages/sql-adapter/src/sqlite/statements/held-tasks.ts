import type { ClaimedRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** leases as JSON [[seq, fence], …]: those that are still held, in their order */
export const heldTasks: SqliteQuery<ClaimedRow> = (prefix) => `
  SELECT task.seq, task.id, task.name, task.queue, task.priority, task.fence, task.failures, task.crashes,
    task.run_at, task.created_at, input.input
  FROM json_each(?) AS lease
  CROSS JOIN ${prefix}tasks AS task
    ON task.seq = lease.value ->> 0 AND task.fence = lease.value ->> 1 AND task.state = 'running'
  CROSS JOIN ${prefix}inputs AS input ON input.seq = task.seq
  ORDER BY lease.key`;
