import type { ClaimRow } from '../tasks/task-row.ts';
import type { SqliteQuery } from '../sqlite-query.ts';

/** worker: its newest claim that took something */
export const findClaim: SqliteQuery<ClaimRow> = (prefix) => `
  SELECT request_id, leases FROM ${prefix}claims WHERE worker = ?`;
