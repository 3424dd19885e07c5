import { describe, expect, it } from 'vitest';
import { createSqlIdempotencyStore, type MysqlClient } from '../../src/index.ts';

const ROW = { fence: 7, owner: Buffer.from('someone'), fingerprint: Buffer.from('f'), value: null, left_ms: 0 };

/** A server that knows one key, of which nothing is left on the first look and something later. */
function recordStatements(): { client: MysqlClient; statements: string[] } {
  const statements: string[] = [];
  let looks = 0;
  const answer = (sql: string): Promise<[unknown, unknown]> => {
    statements.push(sql);
    if (/GET_LOCK|RELEASE_LOCK/.test(sql)) return Promise.resolve([[{ locked: 1 }], []]);
    if (/COUNT\(\*\)/.test(sql)) return Promise.resolve([[{ n: 0 }], []]);
    if (sql.startsWith('SELECT fence')) return Promise.resolve([[{ ...ROW, left_ms: looks++ }], []]);
    return Promise.resolve(sql.startsWith('SELECT') ? [[], []] : [{ affectedRows: 0 }, []]);
  };
  return { client: { execute: answer, query: answer }, statements };
}

describe('the idempotency store on MySQL', () => {
  it('uses nothing that only MariaDB or only MySQL has', async () => {
    const { client, statements } = recordStatements();
    const store = createSqlIdempotencyStore({ client });
    expect(await store.begin('k', { owner: 'o', fingerprint: 'f', leaseMs: 5 })).toMatchObject({ state: 'busy' });
    await store.renew('k', 1, 5);
    await store.complete('k', 1, 'v', 5);
    await store.release('k', 1);
    expect(statements.length).toBeGreaterThan(12);
    for (const sql of statements) {
      expect(sql).not.toMatch(/\bRETURNING\b/i);
      expect(sql).not.toMatch(/\bAS\s+\w+\s+ON DUPLICATE/i);
      expect(sql).not.toMatch(/\bVALUES\s*\(\s*[a-z_]+\s*\)\s*(,|$)/i);
    }
  });
});
