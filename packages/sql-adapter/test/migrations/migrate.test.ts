import { describe, expect, it } from 'vitest';
import { createSqlIdempotencyStore, createSqlTaskStore, migrate, openSqlite } from '../../src/index.ts';
import { needsMigration } from '../../src/migrations/migration.ts';
import { newTask } from '../support/new-task.ts';
import { tempFile } from '../support/temp-file.ts';

describe('migrations on SQLite', () => {
  it('make the tables at the first call, once for many calls', async () => {
    using client = await openSqlite(':memory:');
    await using store = createSqlTaskStore({ client });
    await using keys = createSqlIdempotencyStore({ client });
    const begin = { owner: 'o', fingerprint: 'f', leaseMs: 1000 };
    await Promise.all([store.enqueue([newTask()]), store.list({ limit: 1 }), keys.begin('k', begin), store.reap(1)]);
    expect(client.prepare('SELECT count(*) AS n FROM tunic_migrations').get()).toMatchObject({ n: 2 });
  });

  it('are refused with ERR_TUNIC_STORE_SCHEMA where `migrate` is false, until `migrate(client)` ran', async () => {
    using client = await openSqlite(':memory:');
    await using store = createSqlTaskStore({ client, migrate: false, prefix: 'mine_' });
    await expect(store.list({ limit: 1 })).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_SCHEMA', retryable: false });
    await migrate(client, { prefix: 'mine_' });
    await migrate(client, { prefix: 'mine_' });
    expect(await store.list({ limit: 1 })).toEqual([]);
  });

  it('a schema newer than the code is ERR_TUNIC_STORE_SCHEMA, and nothing is touched', async () => {
    using client = await openSqlite(tempFile());
    await migrate(client);
    client.exec("INSERT INTO tunic_migrations (version, name) VALUES (99, 'future')");
    await using store = createSqlTaskStore({ client });
    await expect(store.enqueue([newTask()])).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_SCHEMA' });
    await expect(migrate(client)).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_SCHEMA' });
    expect(client.prepare('SELECT count(*) AS n FROM tunic_tasks').get()).toMatchObject({ n: 0 });
  });

  it('that fail leave nothing behind, and the next call tries again', async () => {
    using client = await openSqlite(':memory:');
    client.exec('CREATE TABLE tunic_claims (mine)');
    await using store = createSqlTaskStore({ client });
    await expect(store.list({ limit: 1 })).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE' });
    expect(client.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'tunic%'").all()).toHaveLength(1);
    client.exec('DROP TABLE tunic_claims');
    expect(await store.list({ limit: 1 })).toEqual([]);
  });
});

describe('needsMigration', () => {
  const migrations = [1, 2].map((version) => ({ name: String(version), statements: () => [] }));

  it('runs what is missing and nothing else', () => {
    expect(needsMigration({ migrations, version: 0, migrate: true })).toBe(true);
    expect(needsMigration({ migrations, version: 1, migrate: true })).toBe(true);
    expect(needsMigration({ migrations, version: 2, migrate: false })).toBe(false);
  });

  it('names both versions', () => {
    expect(() => needsMigration({ migrations, version: 3, migrate: true })).toThrow(/version 3.*up to 2/);
    expect(() => needsMigration({ migrations, version: 1, migrate: false })).toThrow(/version 1.*needs 2/);
  });
});
