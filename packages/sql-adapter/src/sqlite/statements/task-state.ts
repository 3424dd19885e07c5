import type { StateRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** id */
export const taskState: SqliteQuery<StateRow> = (prefix) => `
  SELECT seq, queue, state, fence, settled FROM ${prefix}tasks WHERE id = ?`;
