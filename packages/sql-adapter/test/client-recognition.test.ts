import { describe, expect, it } from 'vitest';
import { recogniseClient, type SqlClient } from '../src/client/sql-client.ts';
import { toServerError } from '../src/client/server-error.ts';
import { isBusy, toStoreError } from '../src/sqlite/sqlite-error.ts';

const run = (): never => {
  throw new Error('not called');
};

describe('recogniseClient', () => {
  it.each([
    ['better-sqlite3, libsql or node:sqlite', { prepare: run, exec: run, close: run }, 'sqlite'],
    ['a pool of pg', { query: run, connect: run, end: run }, 'postgres'],
    ['PGlite', { query: run, exec: run, close: run }, 'postgres'],
    ['a pool of mysql2/promise', { query: run, execute: run, getConnection: run }, 'mysql'],
  ])('knows %s', (_, client, dialect) => {
    expect(recogniseClient(client as SqlClient).dialect).toBe(dialect);
  });

  it.each([undefined, null, 'postgres://x', {}, { query: 1 }])('refuses %j with ERR_TUNIC_OPTION', (client) => {
    expect(() => recogniseClient(client as unknown as SqlClient)).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_OPTION' }));
  });
});

describe('errors of drivers', () => {
  it.each([
    ['node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 5 }],
    ['node:sqlite, extended code', { code: 'ERR_SQLITE_ERROR', errcode: 517 }],
    ['libsql', { code: 'SQLITE_BUSY', rawCode: 5 }],
    ['better-sqlite3', { code: 'SQLITE_BUSY_SNAPSHOT' }],
    ['better-sqlite3, shared cache', { code: 'SQLITE_LOCKED_SHAREDCACHE' }],
  ])('a lock is seen with %s', (_, error) => {
    expect(isBusy(error)).toBe(true);
    expect(isBusy({ code: 'SQLITE_FULL', rawCode: 13 })).toBe(false);
  });

  it.each([{ errcode: 13 }, { rawCode: 13 }, { code: 'SQLITE_FULL' }])('a full disk is seen in %j', (error) => {
    expect(toStoreError(error)).toMatchObject({ code: 'ERR_TUNIC_STORE_FULL', retryable: true, cause: error });
  });

  it.each([
    ['ER_LOCK_DEADLOCK', 'ERR_TUNIC_STORE_BUSY', true],
    ['40P01', 'ERR_TUNIC_STORE_BUSY', true],
    ['53100', 'ERR_TUNIC_STORE_FULL', true],
    ['08006', 'ERR_TUNIC_STORE', true],
    ['ECONNRESET', 'ERR_TUNIC_STORE', true],
    ['42601', 'ERR_TUNIC_STORE', false],
    [undefined, 'ERR_TUNIC_STORE', false],
  ])('a server’s %s becomes %s, retryable: %s', (code, expected, retryable) => {
    const error = Object.assign(new Error('x'), { code });
    expect(toServerError(error)).toMatchObject({ code: expected, retryable, cause: error });
  });
});
