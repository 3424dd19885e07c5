import type { SqliteClient } from '@tunic/sql-adapter';
import type { Contender } from '../../harness/contender.ts';
import { type Handler, type Job, type QueueAdapter, queueLoad } from '../../loads/queue-load.ts';
import { openSqliteFile, type SqliteFile, type SqliteParameters } from '../../loads/sqlite-file.ts';

const TABLES = `
  CREATE TABLE task (id INTEGER PRIMARY KEY, priority INTEGER NOT NULL, state TEXT NOT NULL, input TEXT NOT NULL);
  CREATE INDEX task_ready ON task (priority, id) WHERE state = 'queued'`;
const ADD = `INSERT INTO task (priority, state, input) VALUES (?, 'queued', ?)`;
const CLAIM = `
  UPDATE task SET state = 'running'
  WHERE id IN (SELECT id FROM task WHERE state = 'queued' ORDER BY priority, id LIMIT ?)
  RETURNING id, priority, input`;
const SETTLE = `UPDATE task SET state = 'succeeded' WHERE id = ?`;
const UNFINISHED = `SELECT count(*) AS count FROM task WHERE state <> 'succeeded'`;

interface Row {
  readonly id: number;
  readonly priority: number;
  readonly input: string;
}

/** Prepared statements and transactions, and nothing else: no ids of the caller's, leases, fences, retries or results. */
export function setup(parameters: SqliteParameters): Contender {
  return queueLoad(parameters, async (handler) => openBareQueue(await openSqliteFile(parameters), handler));
}

function openBareQueue(file: SqliteFile, handler: Handler): QueueAdapter {
  const { client } = file;
  client.exec(TABLES);
  const add = client.prepare(ADD);
  const claim = client.prepare(CLAIM);
  const settle = client.prepare(SETTLE);
  const claimNext = (limit: number): Row[] =>
    inTransaction(client, () => claim.all(limit) as Row[]).sort((a, b) => a.priority - b.priority || a.id - b.id);
  return {
    add: (jobs) =>
      inTransaction(client, () => {
        for (const job of jobs) add.run(job.priority, JSON.stringify(job));
      }),
    drain: async (concurrency) => {
      for (let rows = claimNext(concurrency); rows.length > 0; rows = claimNext(concurrency)) {
        await Promise.all(rows.map(({ input }) => handler(JSON.parse(input) as Job)));
        inTransaction(client, () => {
          for (const { id } of rows) settle.run(id);
        });
      }
    },
    unfinished: () => (client.prepare(UNFINISHED).get() as { count: number }).count,
    close: () => file.close(),
  };
}

function inTransaction<T>(client: SqliteClient, work: () => T): T {
  client.exec('BEGIN IMMEDIATE');
  const result = work();
  client.exec('COMMIT');
  return result;
}
