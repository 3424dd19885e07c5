import { selectRecord } from './select-record.ts';
import type { RecordRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** id */
export const getTask: SqliteQuery<RecordRow> = (prefix) => `${selectRecord(prefix)}
  WHERE task.id = ?`;
