import type { SqliteQuery } from '../sqlite-query.ts';

/** worker, request id, leases, when it may be forgotten */
export const saveClaim: SqliteQuery = (prefix) => `
  INSERT INTO ${prefix}claims (worker, request_id, leases, stale_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (worker) DO UPDATE
  SET request_id = excluded.request_id, leases = excluded.leases, stale_at = excluded.stale_at`;
