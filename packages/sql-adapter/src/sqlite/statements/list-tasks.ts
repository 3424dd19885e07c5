import { selectRecord } from './select-record.ts';
import type { RecordRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** queue or null, queue or null, name or null, name or null, before this seq, limit */
export const listTasks: SqliteQuery<RecordRow> = (prefix) => `${selectRecord(prefix)}
  WHERE (? IS NULL OR task.queue = ?) AND (? IS NULL OR task.name = ?) AND task.seq < ?
  ORDER BY task.seq DESC LIMIT ?`;
