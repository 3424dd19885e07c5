import type { ClaimRequest, ClaimedTask } from '@tunic/core';
import type { SqliteStatements } from '../sqlite-session.ts';
import { storableMs } from '../storable-ms.ts';
import { claimQueue } from '../statements/claim-queue.ts';
import { findClaim } from '../statements/find-claim.ts';
import { hasWork } from '../statements/has-work.ts';
import { heldTasks } from '../statements/held-tasks.ts';
import { promoteQueue } from '../statements/promote-queue.ts';
import { saveClaim } from '../statements/save-claim.ts';
import { type ClaimedRow, toClaimedTask } from './task-row.ts';

const MAX_PROMOTIONS = 1000;
/** How long the newest claim of a worker can be repeated: far longer than any reconnect takes. */
const CLAIM_KEPT_MS = 86_400_000;

function repeatClaim(db: SqliteStatements, { worker, requestId }: ClaimRequest): ClaimedTask[] | undefined {
  const newest = db.get(findClaim, worker);
  if (newest?.request_id !== requestId) return undefined;
  return db.all(heldTasks, newest.leases).map(toClaimedTask);
}

/**
 * The answer where nothing has to be written: the claim is a repetition, or its queues have nothing to give. Idle
 * workers then take no write lock. `undefined`: there is something to claim.
 */
export function peekClaim(db: SqliteStatements, request: ClaimRequest, now: number): ClaimedTask[] | undefined {
  const repeated = repeatClaim(db, request);
  if (repeated !== undefined) return repeated;
  const { queues, limit } = request;
  const found = limit > 0 && queues.some((queue) => db.get(hasWork, queue, queue, now)?.found === 1);
  return found ? undefined : [];
}

function byOrder(a: ClaimedRow, b: ClaimedRow): number {
  return a.priority - b.priority || a.run_at - b.run_at || a.seq - b.seq;
}

/** `claim` of the port, inside a transaction. */
export function claimTasks(db: SqliteStatements, request: ClaimRequest, now: number): ClaimedTask[] {
  const repeated = repeatClaim(db, request);
  if (repeated !== undefined) return repeated;
  const { worker, requestId, limit } = request;
  const leaseUntil = storableMs(now + request.leaseMs);
  const claimed: ClaimedTask[] = [];
  let promotions = MAX_PROMOTIONS;
  for (const queue of request.queues) promotions -= db.run(promoteQueue, queue, now, promotions);
  for (const queue of request.queues) {
    if (claimed.length >= limit) break;
    const rows = db.all(claimQueue, now, leaseUntil, queue, limit - claimed.length);
    claimed.push(...rows.sort(byOrder).map(toClaimedTask));
  }
  if (claimed.length > 0) {
    const leases = JSON.stringify(claimed.map(({ seq, fence }) => [seq, fence]));
    db.run(saveClaim, worker, requestId, leases, now + CLAIM_KEPT_MS);
  }
  return claimed;
}
