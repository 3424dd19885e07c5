import { fileURLToPath } from 'node:url';
import { type IdempotencyStore } from '@tunic/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../../tools/servers/find-program.ts';
import { type Keeper, createKeeper } from '../../../tools/servers/keeper-client.ts';
import { redis } from '../../../tools/servers/kinds/redis.ts';
import { createRedisIdempotencyStore } from '../src/redis-idempotency-store.ts';
import { type OpenClient, askRedis, openNodeRedis } from './redis-clients.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const { program } = findProgram(redis, { path: process.env['PATH'] ?? '', root: '/', repository });

// A Redis of its own: no other test must find the shared one full.
describe.runIf(program !== undefined)('a Redis without memory left', () => {
  const request = { owner: 'one', fingerprint: 'print', leaseMs: 60_000 };
  let keeper: Keeper;
  let url: string;
  let opened: OpenClient;
  let store: IdempotencyStore;

  beforeAll(async () => {
    keeper = await createKeeper();
    [url = ''] = program === undefined ? [] : await redis.launch(program, keeper);
    opened = await openNodeRedis(url);
    store = createRedisIdempotencyStore({ client: opened.client });
  }, 60_000);
  afterAll(async () => {
    await opened.close();
    await keeper.close();
  });

  it('refuses what takes room with ERR_TUNIC_STORE_FULL, and still renews and releases', async () => {
    const full = expect.objectContaining({ code: 'ERR_TUNIC_STORE_FULL', retryable: true }) as unknown;
    const begun = await store.begin('key', request);
    const fence = begun.state === 'acquired' ? begun.fence : 0;

    await askRedis(url, 'CONFIG', 'SET', 'maxmemory', '1');
    await expect(store.begin('other', request)).rejects.toEqual(full);
    await expect(store.complete('key', fence, 'value', 60_000)).rejects.toEqual(full);
    expect(await store.renew('key', fence, 60_000)).toBe(true);
    expect(await store.release('key', fence)).toBe(true);

    await askRedis(url, 'CONFIG', 'SET', 'maxmemory', '0');
    expect(await store.begin('other', request)).toMatchObject({ state: 'acquired' });
  });
});
