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

function endRun(db: SqliteStatements, settlement: Settlement, now: number): SettledRow | undefined {
  const { id, fence } = settlement;
  switch (settlement.kind) {
    case 'succeed': {
      const row = db.get(settleSucceed, now, now, id, fence);
      if (row !== undefined && settlement.result !== undefined) db.run(saveResult, row.seq, settlement.result);
      return row;
    }
    case 'fail':
    case 'retry': {
      const row =
        settlement.kind === 'fail'
          ? db.get(settleFail, now, now, id, fence)
          : db.get(settleRetry, storableMs(now + settlement.delayMs), id, fence);
      if (row !== undefined) db.run(saveError, row.seq, JSON.stringify(settlement.error));
      return row;
    }
    case 'release':
      return db.get(settleRelease, id, fence);
  }
}

function wasSettledSo(db: SqliteStatements, { id, fence, kind }: Settlement): boolean {
  const known = db.get(taskState, id);
  return known?.fence === fence && known.settled === kind;
}

/** `settle` of the port, inside a transaction. */
export function settleTasks(db: SqliteStatements, settlements: readonly Settlement[], now: number): Reply<SettleReply[]> {
  const hints: TaskHint[] = [];
  const value = settlements.map((settlement): SettleReply => {
    const row = endRun(db, settlement, now);
    if (row === undefined) return wasSettledSo(db, settlement) ? 'settled' : 'lost';
    const goesOn = settlement.kind === 'retry' || settlement.kind === 'release';
    hints.push({ kind: goesOn ? 'work' : 'done', queue: row.queue });
    return 'settled';
  });
  return { value, hints };
}
