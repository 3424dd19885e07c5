import { selectRecord } from './select-record.ts';
import type { RecordRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** state, then as `listTasks` */
export const listTasksInState: SqliteQuery<RecordRow> = (prefix) => `${selectRecord(prefix, `INDEXED BY ${prefix}tasks_state`)}
  WHERE task.state = ? AND (? IS NULL OR task.queue = ?) AND (? IS NULL OR task.name = ?) AND task.seq < ?
  ORDER BY task.seq DESC LIMIT ?`;
