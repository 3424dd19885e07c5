import type { SqliteQuery } from '../sqlite-query.ts';

/** now, now, seq */
export const cancelTask: SqliteQuery = (prefix) => `
  UPDATE ${prefix}tasks
  SET state = 'cancelled', finished_at = ?, expires_at = ? + retention, lease_until = NULL
  WHERE seq = ? AND state IN ('scheduled', 'queued', 'running')`;
