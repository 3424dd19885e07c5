import type { SqliteQuery } from '../sqlite-query.ts';

/** seq, progress, fence */
export const saveProgress: SqliteQuery = (prefix) => `
  INSERT INTO ${prefix}outcomes (seq, progress, progress_fence) VALUES (?, ?, ?)
  ON CONFLICT (seq) DO UPDATE SET progress = excluded.progress, progress_fence = excluded.progress_fence`;
