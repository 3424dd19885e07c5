import type { SqliteQuery } from '../sqlite-query.ts';

/** lease end, id, fence */
export const renewLease: SqliteQuery<{ seq: number }> = (prefix) => `
  UPDATE ${prefix}tasks SET lease_until = ?
  WHERE id = ? AND fence = ? AND state = 'running'
  RETURNING seq`;
