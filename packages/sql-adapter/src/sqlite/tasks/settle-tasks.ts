import type { SettleReply, Settlement, TaskHint } from '@tunic/core';
import type { SqliteStatements } from '../sqlite-session.ts';
import { storableMs } from '../storable-ms.ts';
import { saveError } from '../statements/save-error.ts';
import { saveResult } from '../statements/save-result.ts';
import { settleFail } from '../statements/settle-fail.ts';
import { settleRelease } from '../statements/settle-release.ts';
import { settleRetry } from '../statements/settle-retry.ts';
import { settleSucceed } from '../statements/settle-succeed.ts';
import { taskState } from '../statements/task-state.ts';
import type { Reply } from './reply.ts';
import type { SettledRow } from './task-row.ts';

type Success = Extract<Settlement, { kind: 'succeed' }>;
type OtherEnd = Exclude<Settlement, Success>;

/** What one call does: its transaction, its instant, and whom it has to tell. */
interface Pass {
  db: SqliteStatements;
  now: number;
  hints: TaskHint[];
}

function replyToLate(db: SqliteStatements, { id, fence, kind }: Settlement): SettleReply {
  const known = db.get(taskState, id);
  return known?.fence === fence && known.settled === kind ? 'settled' : 'lost';
}

function settleSuccesses({ db, now, hints }: Pass, successes: readonly Success[]): SettleReply[] {
  const leases = JSON.stringify(successes.map(({ id, fence }) => [id, fence]));
  const rows = new Map(db.all(settleSucceed, now, now, leases).map((row) => [row.id, row]));
  return successes.map((success) => {
    const row = rows.get(success.id);
    if (row?.fence !== success.fence) return replyToLate(db, success);
    // The same lease may stand in the batch twice: the second is a repetition.
    rows.delete(success.id);
    if (success.result !== undefined) db.run(saveResult, row.seq, success.result);
    hints.push({ kind: 'done', queue: row.queue });
    return 'settled';
  });
}

function endRun({ db, now }: Pass, settlement: OtherEnd): SettledRow | undefined {
  const { id, fence } = settlement;
  if (settlement.kind === 'release') return db.get(settleRelease, id, fence);
  const row =
    settlement.kind === 'fail'
      ? db.get(settleFail, now, now, id, fence)
      : db.get(settleRetry, storableMs(now + settlement.delayMs), id, fence);
  if (row !== undefined) db.run(saveError, row.seq, JSON.stringify(settlement.error));
  return row;
}

function settleOther(pass: Pass, settlement: OtherEnd): SettleReply {
  const row = endRun(pass, settlement);
  if (row === undefined) return replyToLate(pass.db, settlement);
  pass.hints.push({ kind: settlement.kind === 'fail' ? 'done' : 'work', queue: row.queue });
  return 'settled';
}

/** The successes that follow each other from `start` on: only neighbours go together, so that the order is kept. */
function successesFrom(settlements: readonly Settlement[], start: number): Success[] {
  const successes: Success[] = [];
  for (let index = start; index < settlements.length; index++) {
    const settlement = settlements[index];
    if (settlement?.kind !== 'succeed') break;
    successes.push(settlement);
  }
  return successes;
}

/** `settle` of the port, inside a transaction. */
export function settleTasks(db: SqliteStatements, settlements: readonly Settlement[], now: number): Reply<SettleReply[]> {
  const pass: Pass = { db, now, hints: [] };
  const value: SettleReply[] = [];
  while (value.length < settlements.length) {
    const settlement = settlements[value.length];
    if (settlement === undefined) break;
    if (settlement.kind === 'succeed') value.push(...settleSuccesses(pass, successesFrom(settlements, value.length)));
    else value.push(settleOther(pass, settlement));
  }
  return { value, hints: pass.hints };
}
