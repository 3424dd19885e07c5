import type { Renewal, RenewReply } from '@tunic/core';
import type { SqliteStatements } from '../sqlite-session.ts';
import { renewLease } from '../statements/renew-lease.ts';
import { saveProgress } from '../statements/save-progress.ts';
import { taskState } from '../statements/task-state.ts';

function whyLost(db: SqliteStatements, { id, fence }: Renewal): RenewReply {
  const known = db.get(taskState, id);
  return known?.state === 'cancelled' && known.fence === fence ? 'cancelled' : 'lost';
}

/** `renew` of the port, inside a transaction. */
export function renewLeases(db: SqliteStatements, renewals: readonly Renewal[], until: number): RenewReply[] {
  return renewals.map((renewal) => {
    const row = db.get(renewLease, until, renewal.id, renewal.fence);
    if (row === undefined) return whyLost(db, renewal);
    if (renewal.progress !== undefined) db.run(saveProgress, row.seq, renewal.progress, renewal.fence);
    return 'held';
  });
}
