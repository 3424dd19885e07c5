import { systemClock } from '@tunic/core';
import { createVirtualClock } from '@tunic/core/testing';
import { describe, expect, it } from 'vitest';
import { createSqlTaskStore, openSqlite, type SqliteClient } from '../../src/index.ts';
import { claimRequest, newTask } from '../support/new-task.ts';
import { tempFile } from '../support/temp-file.ts';

const BIG = JSON.stringify('x'.repeat(20_000));

describe('a locked database', () => {
  it('rejects with ERR_TUNIC_STORE_BUSY after busyTimeout, on the clock and without blocking', async () => {
    const clock = createVirtualClock();
    const file = tempFile();
    using client = await openSqlite(file);
    await using store = createSqlTaskStore({ client, clock, busyTimeout: '10s' });
    await store.enqueue([newTask({ id: 'before' })]);
    using other = await openSqlite(file);
    other.exec('BEGIN IMMEDIATE');

    const call = store.enqueue([newTask({ id: 'late' })]);
    const outcome = expect(call).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_BUSY', retryable: true });
    await clock.advance(9_990);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(10);
    await outcome;
    expect(clock.pendingTimers).toBe(0);
    other.exec('ROLLBACK');
    expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual(['before']);
  });

  it('lets a call through as soon as the lock is gone, after pauses of 1 to 25 ms', async () => {
    const clock = createVirtualClock();
    const file = tempFile();
    using client = await openSqlite(file);
    await using store = createSqlTaskStore({ client, clock, random: () => 0.5 });
    await store.list({ limit: 1 });
    using other = await openSqlite(file);
    other.exec('BEGIN IMMEDIATE');
    const call = store.enqueue([newTask()]);
    await clock.advance(12);
    other.exec('COMMIT');
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect(await call).toEqual([{ id: 'a', created: true }]);
  });

  it('still answers reads, idle claims and idle maintenance', async () => {
    const file = tempFile();
    using client = await openSqlite(file);
    await using store = createSqlTaskStore({ client, busyTimeout: 0 });
    await store.enqueue([newTask({ queue: 'elsewhere' })]);
    using other = await openSqlite(file);
    other.exec('BEGIN IMMEDIATE');
    expect((await store.get(['a']))[0]?.id).toBe('a');
    expect(await store.claim(claimRequest())).toEqual([]);
    expect((await store.reap(10)).more).toBe(false);
    await expect(store.cancel(['a'])).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_BUSY' });
    other.exec('ROLLBACK');
  });

  it('does not keep a waiting call from ending when the store is disposed of', async () => {
    const clock = createVirtualClock();
    const file = tempFile();
    using client = await openSqlite(file);
    const store = createSqlTaskStore({ client, clock });
    await store.list({ limit: 1 });
    using other = await openSqlite(file);
    other.exec('BEGIN IMMEDIATE');
    const outcome = expect(store.enqueue([newTask()])).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    await clock.advance(1);
    await store[Symbol.asyncDispose]();
    await outcome;
    expect(clock.pendingTimers).toBe(0);
    other.exec('ROLLBACK');
  });
});

describe('a full disk', () => {
  it('gives ERR_TUNIC_STORE_FULL, loses nothing accepted, and works again once there is room', async () => {
    const file = tempFile();
    using client = await openSqlite(file);
    await using store = createSqlTaskStore({ client });
    await store.enqueue([newTask({ id: 'held' })]);
    const [lease] = await store.claim(claimRequest());
    client.exec('PRAGMA max_page_count = 150');

    const accepted: string[] = [];
    const fill = async (): Promise<void> => {
      for (let batch = 0; batch < 100; batch++) {
        const tasks = [0, 1, 2, 3, 4].map((index) => newTask({ id: `${batch}-${index}`, input: BIG }));
        await store.enqueue(tasks);
        accepted.push(...tasks.map(({ id }) => id));
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_FULL', retryable: true });
    expect(accepted.length).toBeGreaterThan(5);
    expect((await store.list({ limit: 1000 })).map(({ id }) => id).reverse()).toEqual(['held', ...accepted]);
    const settlement = { id: 'held', fence: lease?.fence ?? 0, kind: 'succeed' as const, result: JSON.stringify('y'.repeat(200_000)) };
    await expect(store.settle([settlement])).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_FULL' });
    expect((await store.get(['held']))[0]).toMatchObject({ state: 'running', result: undefined });

    client.exec('PRAGMA max_page_count = 100000');
    expect(await store.settle([settlement])).toEqual(['settled']);
    expect(await store.enqueue([newTask({ id: 'later', input: BIG })])).toEqual([{ id: 'later', created: true }]);
    expect(await store.claim(claimRequest({ limit: 1000 }))).toHaveLength(accepted.length + 1);
  });
});

/** A client whose next statement of this text fails as if the disk had broken. */
function breakOnce(client: SqliteClient, text: string): SqliteClient {
  let broken = false;
  return {
    exec: (sql) => {
      if (sql !== text || broken) return client.exec(sql);
      broken = true;
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' });
    },
    prepare: (sql) => client.prepare(sql),
    close: () => client.close(),
  };
}

describe('a failed transaction', () => {
  it('is rolled back when COMMIT fails, and leaves the connection usable', async () => {
    using client = await openSqlite(':memory:');
    await createSqlTaskStore({ client }).list({ limit: 1 });
    await using store = createSqlTaskStore({ client: breakOnce(client, 'COMMIT'), migrate: false });
    await expect(store.enqueue([newTask()])).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE', cause: { code: 'SQLITE_IOERR_WRITE' } });
    expect(await store.get(['a'])).toEqual([undefined]);
    expect(await store.enqueue([newTask()])).toEqual([{ id: 'a', created: true }]);
  });

  it('is all or nothing, however late in the batch it fails', async () => {
    using client = await openSqlite(':memory:');
    await using store = createSqlTaskStore({ client });
    const broken = { ...newTask({ id: 'b' }), input: null as unknown as string };
    await expect(store.enqueue([newTask(), broken])).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE', retryable: false });
    expect(await store.list({ limit: 9 })).toEqual([]);
  });

  it('never ends a transaction that the user has open on the same connection', async () => {
    using client = await openSqlite(':memory:');
    await using store = createSqlTaskStore({ client });
    await store.list({ limit: 1 });
    client.exec('CREATE TABLE mine (x); BEGIN; INSERT INTO mine VALUES (1)');
    await expect(store.enqueue([newTask()])).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE' });
    client.exec('COMMIT');
    expect(client.prepare('SELECT count(*) AS n FROM mine').get()).toMatchObject({ n: 1 });
    expect(await store.enqueue([newTask()])).toEqual([{ id: 'a', created: true }]);
  });
});

describe('options', () => {
  it.each(['', '1a', 'a-b', "a'; DROP TABLE x; --", 'a'.repeat(32)])('a prefix of %j is refused', async (prefix) => {
    using client = await openSqlite(':memory:');
    expect(() => createSqlTaskStore({ client, prefix })).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_OPTION' }));
  });

  it('two prefixes are two stores in one file', async () => {
    using client = await openSqlite(':memory:');
    await using one = createSqlTaskStore({ client, prefix: 'one_' });
    await using two = createSqlTaskStore({ client, prefix: '_2' });
    await one.enqueue([newTask()]);
    expect(await two.get(['a'])).toEqual([undefined]);
  });

  it('a file that cannot be opened is ERR_TUNIC_STORE', async () => {
    await expect(openSqlite(`${tempFile()}/none/x.db`)).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE' });
  });

  it('synchronous is full unless normal is asked for, WAL always, and locks are never waited for in SQLite', async () => {
    using full = await openSqlite(tempFile());
    using normal = await openSqlite(tempFile(), { synchronous: 'normal', clock: systemClock });
    expect(full.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
    expect(normal.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 1 });
    expect(full.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    expect(full.prepare('PRAGMA busy_timeout').get()).toMatchObject({ timeout: 0 });
  });
});

describe('hints', () => {
  it('tell each listener once per queue of a call, and one that throws breaks nothing', async () => {
    const errors: object[] = [];
    const ignore = (): void => undefined;
    const logger = { debug: ignore, info: ignore, warn: ignore, error: (fields: object) => errors.push(fields), child: () => logger };
    using client = await openSqlite(':memory:');
    await using store = createSqlTaskStore({ client, logger });
    const heard: string[] = [];
    store.wake(() => {
      throw new Error('listener');
    });
    store.wake(({ kind, queue }) => heard.push(`${kind} ${queue}`));
    await store.enqueue([newTask(), newTask({ id: 'b' }), newTask({ id: 'c', queue: 'p' }), newTask({ id: 'd', delayMs: 50 })]);
    expect(heard.splice(0)).toEqual(['work q', 'work p']);
    expect(errors).toHaveLength(2);
    await store.claim(claimRequest({ limit: 1 }));
    await store.cancel(['a', 'b']);
    expect(heard.splice(0).sort()).toEqual(['cancel q', 'done q']);
  });
});
