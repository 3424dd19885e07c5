import type { SqliteQuery } from '../sqlite-query.ts';

/** input; of the task inserted just before */
export const insertInput: SqliteQuery = (prefix) => `
  INSERT INTO ${prefix}inputs (seq, input) VALUES (last_insert_rowid(), ?)`;
