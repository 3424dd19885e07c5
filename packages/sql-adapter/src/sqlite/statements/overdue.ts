import type { OverdueRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** now, four times: whether a pass would find tasks, and whether it would find claims */
export const overdue: SqliteQuery<OverdueRow> = (prefix) => `
  SELECT EXISTS (SELECT 1 FROM ${prefix}tasks INDEXED BY ${prefix}tasks_due_anywhere
      WHERE state = 'scheduled' AND run_at <= ?)
    OR EXISTS (SELECT 1 FROM ${prefix}tasks INDEXED BY ${prefix}tasks_lease
      WHERE state = 'running' AND lease_until <= ?)
    OR EXISTS (SELECT 1 FROM ${prefix}tasks INDEXED BY ${prefix}tasks_expiry WHERE expires_at <= ?) AS tasks,
    EXISTS (SELECT 1 FROM ${prefix}claims WHERE stale_at <= ?) AS claims`;
