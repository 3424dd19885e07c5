import type { SqliteQuery } from '../sqlite-query.ts';

/** id, name, queue, priority, state, run_at, created_at, max_crashes, retention */
export const insertTask: SqliteQuery = (prefix) => `
  INSERT INTO ${prefix}tasks (id, name, queue, priority, state, run_at, created_at, max_crashes, retention)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
