import { type ReapReport, type TaskHint, crashError } from '@tunic/core';
import type { SqliteStatements } from '../sqlite-session.ts';
import { forgetClaims } from '../statements/forget-claims.ts';
import { lapseLeases } from '../statements/lapse-leases.ts';
import { overdue } from '../statements/overdue.ts';
import { promoteAny } from '../statements/promote-any.ts';
import { purgeInputs } from '../statements/purge-inputs.ts';
import { purgeOutcomes } from '../statements/purge-outcomes.ts';
import { purgeTasks } from '../statements/purge-tasks.ts';
import { saveError } from '../statements/save-error.ts';
import type { Reply } from './reply.ts';
import type { LapsedRow, OverdueRow } from './task-row.ts';

function findOverdue(db: SqliteStatements, now: number): OverdueRow {
  return db.get(overdue, now, now, now, now) ?? { tasks: 0, claims: 0 };
}

/** Whether a pass would find anything at all; where not, it needs no write lock. */
export function hasOverdue(db: SqliteStatements, now: number): boolean {
  const { tasks, claims } = findOverdue(db, now);
  return tasks === 1 || claims === 1;
}

function lapse(db: SqliteStatements, now: number, limit: number): LapsedRow[] {
  const rows = db.all(lapseLeases, now, now, now, limit);
  for (const { seq, state, crashes } of rows)
    if (state === 'failed') db.run(saveError, seq, JSON.stringify(crashError(crashes)));
  return rows;
}

function purge(db: SqliteStatements, now: number, limit: number): number {
  db.run(purgeInputs, now, limit);
  db.run(purgeOutcomes, now, limit);
  return db.run(purgeTasks, now, limit);
}

/** `reap` of the port, inside a transaction. */
export function reapTasks(db: SqliteStatements, limit: number, now: number): Reply<ReapReport> {
  const promoted = db.all(promoteAny, now, limit);
  const lapsed = lapse(db, now, limit);
  const crashed = lapsed.filter(({ state }) => state === 'failed');
  const purged = purge(db, now, limit);
  db.run(forgetClaims, now, limit);
  const more = findOverdue(db, now).tasks === 1;
  const returned = lapsed.filter(({ state }) => state !== 'failed');
  const hints: TaskHint[] = [
    ...queuesOf([...promoted, ...returned]).map((queue): TaskHint => ({ kind: 'work', queue })),
    ...queuesOf(crashed).map((queue): TaskHint => ({ kind: 'done', queue })),
  ];
  const value = { promoted: promoted.length, lapsed: returned.length, crashed: crashed.length, purged, more };
  return { value, hints };
}

function queuesOf(rows: readonly { queue: string }[]): string[] {
  return [...new Set(rows.map(({ queue }) => queue))];
}
