import { Client } from 'pg';
import { expect, it } from 'vitest';
import { describeServer } from '../describe-server.ts';
import { type FreshDatabase, freshDatabase } from '../fresh-database.ts';
import { compareVersions } from '../version.ts';

async function connect({ url }: FreshDatabase): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

describeServer('postgres', (server) => {
  it('gives two transactions different rows with SKIP LOCKED', async () => {
    const database = await freshDatabase(server);
    const [first, second] = [await connect(database), await connect(database)];
    try {
      await first.query('CREATE TABLE jobs AS SELECT generate_series(1, 2) AS id');
      const claim = 'SELECT id FROM jobs ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED';
      await first.query('BEGIN');
      await second.query('BEGIN');
      const rows = [await first.query(claim), await second.query(claim)].map((result) => result.rows as { id: number }[]);
      expect(rows).toEqual([[{ id: 1 }], [{ id: 2 }]]);
    } finally {
      await Promise.all([first.end(), second.end()]);
      await database.drop();
    }
  });

  it('lets one session hold an advisory lock', async () => {
    const database = await freshDatabase(server);
    const [first, second] = [await connect(database), await connect(database)];
    const lock = async (client: Client): Promise<unknown> => (await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock(7) AS held')).rows[0]?.held;
    try {
      expect([await lock(first), await lock(second)]).toEqual([true, false]);
      await first.query('SELECT pg_advisory_unlock(7)');
      expect(await lock(second)).toBe(true);
    } finally {
      await Promise.all([first.end(), second.end()]);
      await database.drop();
    }
  });

  it('keeps databases apart and drops one that is still in use', async () => {
    const [one, other] = await Promise.all([freshDatabase(server), freshDatabase(server)]);
    const [first, second] = [await connect(one), await connect(other)];
    first.on('error', () => undefined);
    await first.query('CREATE TABLE only_here (id int)');
    await expect(second.query('SELECT * FROM only_here')).rejects.toThrow(/does not exist/);
    await one.drop();
    await expect(first.query('SELECT 1')).rejects.toThrow();
    await second.end();
    await other.drop();
  });

  it('is new enough', () => {
    expect(compareVersions(server.version, '13')).toBeGreaterThanOrEqual(0);
  });
});
