import type { SqliteQuery } from '../sqlite-query.ts';

/** seq, result */
export const saveResult: SqliteQuery = (prefix) => `
  INSERT INTO ${prefix}outcomes (seq, result) VALUES (?, ?)
  ON CONFLICT (seq) DO UPDATE SET result = excluded.result`;
