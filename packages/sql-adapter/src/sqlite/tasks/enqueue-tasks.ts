import type { EnqueueReply, NewTask, TaskHint } from '@tunic/core';
import type { SqliteStatements } from '../sqlite-session.ts';
import { storableMs } from '../storable-ms.ts';
import { insertInput } from '../statements/insert-input.ts';
import { insertTask } from '../statements/insert-task.ts';
import type { Reply } from './reply.ts';

function insert(db: SqliteStatements, task: NewTask, now: number): 'queued' | 'scheduled' | undefined {
  const runAt = storableMs(task.runAtMs ?? now + (task.delayMs ?? 0));
  const state = runAt <= now ? 'queued' : 'scheduled';
  const { id, name, queue, priority, maxCrashes, retentionMs } = task;
  const added = db.run(insertTask, id, name, queue, priority, state, runAt, now, maxCrashes, storableMs(retentionMs));
  if (added === 0) return undefined;
  db.run(insertInput, task.input);
  return state;
}

/** `enqueue` of the port, inside a transaction. */
export function enqueueTasks(db: SqliteStatements, tasks: readonly NewTask[], now: number): Reply<EnqueueReply[]> {
  const queues = new Set<string>();
  const value = tasks.map((task) => {
    const state = insert(db, task, now);
    if (state === 'queued') queues.add(task.queue);
    return { id: task.id, created: state !== undefined };
  });
  return { value, hints: Array.from(queues, (queue): TaskHint => ({ kind: 'work', queue })) };
}
