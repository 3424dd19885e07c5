import { type CancelReply, type TaskHint, isFinalState } from '@tunic/core';
import type { SqliteStatements } from '../sqlite-session.ts';
import { cancelTask } from '../statements/cancel-task.ts';
import { taskState } from '../statements/task-state.ts';
import type { Reply } from './reply.ts';

/** `cancel` of the port, inside a transaction. */
export function cancelTasks(db: SqliteStatements, ids: readonly string[], now: number): Reply<CancelReply[]> {
  const hints: TaskHint[] = [];
  const value = ids.map((id): CancelReply => {
    const task = db.get(taskState, id);
    if (task === undefined) return 'missing';
    const { seq, queue, state } = task;
    if (isFinalState(state)) return state === 'cancelled' ? 'cancelled' : 'final';
    db.run(cancelTask, now, now, seq);
    hints.push({ kind: 'done', queue });
    if (state === 'running') hints.push({ kind: 'cancel', queue });
    return 'cancelled';
  });
  return { value, hints };
}
