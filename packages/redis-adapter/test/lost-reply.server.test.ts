import { randomUUID } from 'node:crypto';
import { type IdempotencyStore } from '@tunic/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeServer } from '../../../tools/servers/describe-server.ts';
import { createRedisIdempotencyStore } from '../src/redis-idempotency-store.ts';
import { type OpenClient, askRedis, openIoRedis, openNodeRedis } from './redis-clients.ts';
import { type RedisProxy, openRedisProxy } from './redis-proxy.ts';

const clients = [
  { title: 'node-redis', open: openNodeRedis },
  { title: 'ioredis', open: openIoRedis },
];

function loseReplies(open: (url: string) => Promise<OpenClient>, url: string): void {
  const lost: unknown = expect.objectContaining({ code: 'ERR_TUNIC_STORE', retryable: true, cause: expect.any(Error) as unknown });
  const request = { owner: 'one', fingerprint: 'print', leaseMs: 60_000 };
  let prefix: string;
  let proxy: RedisProxy;
  let opened: OpenClient;
  let store: IdempotencyStore;

  const stored = (field: string): Promise<unknown> => askRedis(url, 'HGET', `${prefix}{idempotency:key}`, field);

  beforeEach(async () => {
    prefix = `test:${randomUUID()}:`;
    proxy = await openRedisProxy(url);
    opened = await open(proxy.url);
    store = createRedisIdempotencyStore({ client: opened.client, prefix });
    // The script is cached now, so that the next reply is that of the command itself.
    await store.begin('other', request);
  });
  afterEach(async () => {
    await opened.close();
    await proxy.close();
  });

  it('rejects as retryable, and the same begin again has the same fence', async () => {
    proxy.loseNextReply();
    await expect(store.begin('key', request)).rejects.toEqual(lost);
    const fence = Number(await stored('fence'));
    expect(fence).toBeGreaterThan(0);
    expect(await store.begin('key', request)).toEqual({ state: 'acquired', fence });
    expect(await store.begin('key', { ...request, owner: 'two' })).toMatchObject({ state: 'busy' });
  });

  it('rejects as retryable, and the same completion again is true', async () => {
    const begun = await store.begin('key', request);
    const fence = begun.state === 'acquired' ? begun.fence : 0;
    await store.complete('other', fence, 'value', 60_000);
    proxy.loseNextReply();
    await expect(store.complete('key', fence, 'value', 60_000)).rejects.toEqual(lost);
    expect(await stored('value')).toBe('value');
    expect(await store.complete('key', fence, 'value', 60_000)).toBe(true);
    expect(await store.complete('key', fence, 'another', 60_000)).toBe(false);
  });
}

describeServer('redis', ({ url }) => {
  for (const { title, open } of clients) describe(`a reply that was lost on its way to ${title}`, () => loseReplies(open, url));
});
