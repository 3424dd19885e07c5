import type { SqliteQuery } from '../sqlite-query.ts';

/** queue, queue, now: whether a claim there would find anything */
export const hasWork: SqliteQuery<{ found: number }> = (prefix) => `
  SELECT EXISTS (SELECT 1 FROM ${prefix}tasks INDEXED BY ${prefix}tasks_ready WHERE state = 'queued' AND queue = ?)
    OR EXISTS (SELECT 1 FROM ${prefix}tasks INDEXED BY ${prefix}tasks_due WHERE state = 'scheduled' AND queue = ? AND run_at <= ?) AS found`;
