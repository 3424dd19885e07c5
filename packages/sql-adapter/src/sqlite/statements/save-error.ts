import type { SqliteQuery } from '../sqlite-query.ts';

/** seq, error */
export const saveError: SqliteQuery = (prefix) => `
  INSERT INTO ${prefix}outcomes (seq, error) VALUES (?, ?)
  ON CONFLICT (seq) DO UPDATE SET error = excluded.error`;
