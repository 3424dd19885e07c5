import { type Connection, createConnection } from 'mysql2/promise';
import { expect, it } from 'vitest';
import { describeServer } from '../describe-server.ts';
import { freshDatabase } from '../fresh-database.ts';
import { type RunningServer } from '../server-kind.ts';

async function withConnections(server: RunningServer, run: (first: Connection, second: Connection) => Promise<void>): Promise<void> {
  const database = await freshDatabase(server);
  const [first, second] = [await createConnection({ uri: database.url }), await createConnection({ uri: database.url })];
  try {
    await run(first, second);
  } finally {
    await Promise.all([first.end(), second.end()]);
    await database.drop();
  }
}

async function skipsLockedRows(first: Connection, second: Connection): Promise<void> {
  await first.query('CREATE TABLE jobs (id int PRIMARY KEY) ENGINE=InnoDB');
  await first.query('INSERT INTO jobs VALUES (1), (2)');
  const claim = 'SELECT id FROM jobs ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED';
  await first.beginTransaction();
  await second.beginTransaction();
  const rows = [(await first.query(claim))[0], (await second.query(claim))[0]];
  expect(rows).toEqual([[{ id: 1 }], [{ id: 2 }]]);
}

async function toldVersion(connection: Connection): Promise<string> {
  const [rows] = await connection.query('SELECT VERSION() AS version');
  return (rows as { version: string }[])[0]?.version ?? '';
}

describeServer('mariadb', (server) => {
  it('is MariaDB', () => withConnections(server, async (first) => expect(await toldVersion(first)).toContain('MariaDB')));
  it('gives two transactions different rows with SKIP LOCKED', () => withConnections(server, skipsLockedRows));
  it('has INSERT … RETURNING, so that it cannot stand in for MySQL', () =>
    withConnections(server, async (first) => {
      await first.query('CREATE TABLE t (id int)');
      expect((await first.query('INSERT INTO t VALUES (1) RETURNING id'))[0]).toEqual([{ id: 1 }]);
    }));
});

describeServer('mysql', (server) => {
  it('is MySQL 8 or newer, and not MariaDB', () =>
    withConnections(server, async (first) => {
      const version = await toldVersion(first);
      expect(version).not.toContain('MariaDB');
      expect(Number.parseInt(version, 10)).toBeGreaterThanOrEqual(8);
    }));
  it('gives two transactions different rows with SKIP LOCKED', () => withConnections(server, skipsLockedRows));
  it('refuses INSERT … RETURNING', () =>
    withConnections(server, async (first) => {
      await first.query('CREATE TABLE t (id int)');
      await expect(first.query('INSERT INTO t VALUES (1) RETURNING id')).rejects.toThrow(/syntax/);
    }));
});
