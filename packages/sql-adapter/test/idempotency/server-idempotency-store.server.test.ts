import { setTimeout as pause } from 'node:timers/promises';
import { idempotencyStoreContract } from '@tunic/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeServer } from '../../../../tools/servers/describe-server.ts';
import { freshDatabase, type FreshDatabase } from '../../../../tools/servers/fresh-database.ts';
import { createSqlIdempotencyStore } from '../../src/index.ts';
import { OPENERS, type OpenPool } from '../support/database-clients.ts';

const NO_TIME_TRAVEL = 'virtual-time';
const contract = idempotencyStoreContract.filter(({ requires }) => requires?.includes(NO_TIME_TRAVEL) !== true);
const REQUEST = { owner: 'one', fingerprint: 'f', leaseMs: 60_000 };

describe.each(['postgres', 'mariadb', 'mysql'] as const)('the idempotency store on %s', (kind) => {
  describeServer(kind, (server) => {
    let database: FreshDatabase;
    let url = '';
    const pools: OpenPool[] = [];
    beforeAll(async () => {
      database = await freshDatabase(server);
      url = database.url;
      pools.push(OPENERS[kind](url), OPENERS[kind](url));
    });
    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    });
    const pool = (index: number): OpenPool => pools[index % pools.length] as OpenPool;

    it('that starts many times at once on an empty database makes its tables once', async () => {
      const stores = Array.from({ length: 6 }, (_, index) => createSqlIdempotencyStore({ client: pool(index).client, prefix: 'start_' }));
      const replies = await Promise.all(stores.map((store, index) => store.begin(`k${index}`, REQUEST)));
      expect(replies.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'acquired'));
      expect(await pool(0).sql('SELECT version, name FROM start_migrations')).toEqual([{ version: 1, name: 'idempotency' }]);
    });

    it('refuses missing tables where it may not make them, and tables of the future always', async () => {
      const { client, sql } = pool(0);
      const forbidden = createSqlIdempotencyStore({ client, prefix: 'none_', migrate: false });
      await expect(forbidden.begin('k', REQUEST)).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_SCHEMA' });
      await createSqlIdempotencyStore({ client, prefix: 'future_' }).begin('k', REQUEST);
      await sql("INSERT INTO future_migrations (version, name) VALUES (99, 'x')");
      await expect(createSqlIdempotencyStore({ client, prefix: 'future_' }).begin('k', REQUEST)).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE_SCHEMA' });
    });

    it('removes keys that are long dead while it adds new ones, and gives later lives of a key greater fences', async () => {
      const { client, sql } = pool(0);
      const store = createSqlIdempotencyStore({ client, prefix: 'dead_' });
      const old = await store.begin('dead', REQUEST);
      await store.begin('alive', REQUEST);
      const name = kind === 'postgres' ? 'key' : 'name';
      await sql(`UPDATE dead_idempotency SET expires_at = 1000 WHERE ${name} = 'dead'`);
      for (let index = 0; index < 50; index++) await store.begin(`k${index}`, REQUEST);
      const [row] = await sql('SELECT count(*) AS n FROM dead_idempotency');
      expect(Number(row?.['n'])).toBe(51);
      const next = await store.begin('dead', { ...REQUEST, owner: 'two' });
      if (old.state !== 'acquired' || next.state !== 'acquired') throw new Error('not acquired');
      expect(next.fence).toBeGreaterThan(old.fence);
      expect(await store.complete('dead', old.fence, 'late', 1000)).toBe(false);
    });

    it('tells that a database which went away may come back', async () => {
      const gone = OPENERS[kind](url.replace(/:\d+\//, ':1/'));
      const store = createSqlIdempotencyStore({ client: gone.client });
      await expect(store.begin('k', REQUEST)).rejects.toMatchObject({ code: 'ERR_TUNIC_STORE', retryable: true });
      await gone.end();
    });

    it('refuses every call once it is disposed of, and leaves the pool to its owner', async () => {
      const store = createSqlIdempotencyStore({ client: pool(0).client });
      await store[Symbol.asyncDispose]();
      await expect(store.begin('k', REQUEST)).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
      await expect(store.release('k', 1)).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
      expect(await pool(0).sql('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    describe('keeps the contract:', () => {
      let opened = 0;
      const createStore = () => createSqlIdempotencyStore({ client: pool(opened++).client });
      it.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_, run) => {
        await run({ createStore, sleep: (ms) => pause(ms) });
      });
    });
  });
});
