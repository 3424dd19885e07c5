import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { migrate, openSqlite, type SqliteClient } from '../../src/index.ts';

const FOLDER = new URL('../../src/sqlite/statements/', import.meta.url);
const ROWS = 3000;

/** They answer no rows of their own: they are a part of other statements. */
const PARTS = ['select-record.ts'];
/** Neither a constant, nor the leases that the caller gave, nor the index of what runs grows with what waits. */
const NO_BACKLOG = /^SCAN (CONSTANT ROW|lease VIRTUAL TABLE|task USING INDEX tunic_tasks_lease)/;

/** Sort what one claim holds, or what runs: never what waits. */
const SORTS_A_BATCH = ['held-tasks.ts', 'list-tasks-in-state.ts running'];

type Query = (prefix: string) => string;

async function readStatements(): Promise<[file: string, sql: string][]> {
  const files = readdirSync(FOLDER).filter((file) => !PARTS.includes(file));
  const modules = await Promise.all(
    files.map(async (file): Promise<[string, string][]> => {
      const exported = Object.values((await import(new URL(file, FOLDER).href)) as Record<string, Query | Record<string, Query>>);
      return exported.flatMap((value): [string, string][] =>
        typeof value === 'function' ? [[file, value('tunic_')]] : Object.entries(value).map(([key, query]) => [`${file} ${key}`, query('tunic_')]),
      );
    }),
  );
  return modules.flat();
}

function fill(client: SqliteClient, state: string): void {
  client.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    INSERT INTO tunic_tasks (id, name, queue, priority, state, run_at, created_at, max_crashes, retention, lease_until, expires_at)
    SELECT 'id' || i, 'work', 'q', 0, '${state}', 1, 1, 3, 1, iif('${state}' = 'running', 1, NULL), iif('${state}' = 'failed', 1, NULL) FROM n`);
  client.exec('ANALYZE');
}

const CONTENTS = ['empty', 'scheduled', 'queued', 'running', 'failed'];

describe('no statement reads the backlog', () => {
  let statements: [string, string][] = [];
  beforeAll(async () => {
    statements = await readStatements();
    expect(statements.length).toBeGreaterThan(25);
  });

  it.each(CONTENTS)('with statistics taken when all tasks were: %s', async (content) => {
    using client = await openSqlite(':memory:');
    await migrate(client);
    if (content !== 'empty') fill(client, content);
    // Statistics are read when a connection opens; this makes it read them now.
    client.exec('ANALYZE sqlite_schema');
    for (const [file, sql] of statements) {
      const plan = client.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
      const steps = plan.map(({ detail }) => detail);
      const scans = steps.filter((step) => step.startsWith('SCAN') && !NO_BACKLOG.test(step));
      expect(scans, `${file}: ${steps.join(' | ')}`).toEqual([]);
      const sorts = SORTS_A_BATCH.includes(file) ? [] : steps.filter((step) => step.includes('TEMP B-TREE'));
      expect(sorts, file).toEqual([]);
    }
  });
});
