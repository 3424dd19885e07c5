import type { TaskFilter, TaskRecord } from '@tunic/core';
import type { SqliteStatements } from '../sqlite-session.ts';
import { getTask } from '../statements/get-task.ts';
import { listTasks } from '../statements/list-tasks.ts';
import { listTasksInState } from '../statements/list-tasks-in-state.ts';
import { toTaskRecord } from './task-row.ts';

/** `get` of the port. */
export function getTasks(db: SqliteStatements, ids: readonly string[]): (TaskRecord | undefined)[] {
  return ids.map((id) => {
    const row = db.get(getTask, id);
    return row === undefined ? undefined : toTaskRecord(row);
  });
}

/** `list` of the port: each state has its own range of an index, and the newest of all of them are taken. */
export function listRecords(db: SqliteStatements, filter: TaskFilter): TaskRecord[] {
  const { states, queue = null, name = null, beforeSeq = Number.MAX_SAFE_INTEGER, limit } = filter;
  const conditions = [queue, queue, name, name, beforeSeq, limit];
  const rows =
    states === undefined
      ? db.all(listTasks, ...conditions)
      : [...new Set(states)].flatMap((state) => db.all(listTasksInState[state], ...conditions));
  rows.sort((a, b) => b.seq - a.seq);
  return rows.slice(0, limit).map(toTaskRecord);
}
