import type { Migration } from '../migration.ts';

/**
 * The row that claims and settlements rewrite is small: what is large or rare stands in tables of its own. Each partial
 * index holds only the tasks of its state, so that finding the next one costs the same with any backlog; one index of
 * (state, seq) for the lists would cost a claim and its settlement a third more CPU than these three. `seq` ends the
 * indexes that are searched by equality: without it, statistics of a moment when all tasks were alike make SQLite judge
 * the index useless and scan it.
 */
export const sqliteTasks: Migration = {
  name: 'tasks',
  statements: (prefix) => [
    `CREATE TABLE ${prefix}tasks (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      queue TEXT NOT NULL,
      priority INTEGER NOT NULL,
      state TEXT NOT NULL,
      run_at INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      started_at INTEGER,
      finished_at INTEGER,
      fence INTEGER NOT NULL DEFAULT 0,
      failures INTEGER NOT NULL DEFAULT 0,
      crashes INTEGER NOT NULL DEFAULT 0,
      max_crashes INTEGER NOT NULL,
      retention INTEGER NOT NULL,
      lease_until INTEGER,
      expires_at INTEGER,
      settled TEXT
    )`,
    `CREATE INDEX ${prefix}tasks_ready ON ${prefix}tasks (queue, priority, run_at, seq) WHERE state = 'queued'`,
    `CREATE INDEX ${prefix}tasks_due ON ${prefix}tasks (queue, run_at, seq) WHERE state = 'scheduled'`,
    `CREATE INDEX ${prefix}tasks_due_anywhere ON ${prefix}tasks (run_at) WHERE state = 'scheduled'`,
    `CREATE INDEX ${prefix}tasks_lease ON ${prefix}tasks (lease_until) WHERE state = 'running'`,
    `CREATE INDEX ${prefix}tasks_expiry ON ${prefix}tasks (expires_at) WHERE expires_at IS NOT NULL`,
    `CREATE INDEX ${prefix}tasks_queued ON ${prefix}tasks (seq) WHERE state = 'queued'`,
    `CREATE INDEX ${prefix}tasks_scheduled ON ${prefix}tasks (seq) WHERE state = 'scheduled'`,
    `CREATE INDEX ${prefix}tasks_ended ON ${prefix}tasks (state, seq) WHERE expires_at IS NOT NULL`,
    `CREATE TABLE ${prefix}inputs (seq INTEGER PRIMARY KEY, input TEXT NOT NULL)`,
    `CREATE TABLE ${prefix}outcomes (
      seq INTEGER PRIMARY KEY,
      progress TEXT,
      progress_fence INTEGER,
      result TEXT,
      error TEXT
    )`,
    `CREATE TABLE ${prefix}claims (
      worker TEXT PRIMARY KEY,
      request_id TEXT NOT NULL,
      leases TEXT NOT NULL,
      stale_at INTEGER NOT NULL
    ) WITHOUT ROWID`,
    `CREATE INDEX ${prefix}claims_stale ON ${prefix}claims (stale_at)`,
  ],
};
