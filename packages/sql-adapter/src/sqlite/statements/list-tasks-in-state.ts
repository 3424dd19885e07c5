import type { TaskState } from '@tunic/core';
import { selectRecord } from './select-record.ts';
import type { RecordRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

function listBy(index: string, condition: string): SqliteQuery<RecordRow> {
  return (prefix) => `${selectRecord(prefix, `INDEXED BY ${prefix}${index}`)}
  WHERE ${condition} AND (? IS NULL OR task.queue = ?) AND (? IS NULL OR task.name = ?) AND task.seq < ?
  ORDER BY task.seq DESC LIMIT ?`;
}

/** As `listTasks`. Each state is found in an index that holds it; what runs is never much, and is sorted. */
export const listTasksInState: Readonly<Record<TaskState, SqliteQuery<RecordRow>>> = {
  scheduled: listBy('tasks_scheduled', "task.state = 'scheduled'"),
  queued: listBy('tasks_queued', "task.state = 'queued'"),
  running: listBy('tasks_lease', "task.state = 'running'"),
  succeeded: listBy('tasks_ended', "task.expires_at IS NOT NULL AND task.state = 'succeeded'"),
  failed: listBy('tasks_ended', "task.expires_at IS NOT NULL AND task.state = 'failed'"),
  cancelled: listBy('tasks_ended', "task.expires_at IS NOT NULL AND task.state = 'cancelled'"),
};
