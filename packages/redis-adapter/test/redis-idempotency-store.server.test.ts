import { randomUUID } from 'node:crypto';
import { type IdempotencyStore } from '@tunic/core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RedisClient } from '../src/client/redis-client.ts';
import { createRedisIdempotencyStore } from '../src/redis-idempotency-store.ts';
import { type OpenClient, askRedis, describeClients } from './redis-clients.ts';

describeClients('createRedisIdempotencyStore', (open, { nodes }) => {
  const request = { owner: 'one', fingerprint: 'print', leaseMs: 60_000 };
  let opened: OpenClient;
  let client: RedisClient;
  let prefix: string;
  let store: IdempotencyStore;

  const onEveryNode = (...command: string[]): Promise<unknown[]> => Promise.all(nodes.map((url) => askRedis(url, ...command)));

  // The other nodes of a Cluster answer that the key is elsewhere.
  const askHolder = (...command: string[]): Promise<unknown> => Promise.any(nodes.map((url) => askRedis(url, ...command)));

  async function acquire(key: string): Promise<number> {
    const begun = await store.begin(key, request);
    if (begun.state !== 'acquired') throw new Error(`the key is ${begun.state}`);
    return begun.fence;
  }

  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  beforeEach(() => {
    client = opened.client;
    prefix = `test:${randomUUID()}:`;
    store = createRedisIdempotencyStore({ client, prefix });
  });

  it('goes on after the nodes have forgotten every script', async () => {
    await onEveryNode('SCRIPT', 'FLUSH');
    const fence = await acquire('key');
    await onEveryNode('SCRIPT', 'FLUSH');
    expect(await store.renew('key', fence, 60_000)).toBe(true);
    await onEveryNode('SCRIPT', 'FLUSH');
    expect(await store.complete('key', fence, 'value', 60_000)).toBe(true);
    await onEveryNode('SCRIPT', 'FLUSH');
    expect(await store.begin('key', request)).toEqual({ state: 'done', fingerprint: 'print', value: 'value' });
  });

  it('takes any key, also with braces, on whichever node its slot lies', async () => {
    const keys = ['}', '{}', '{a}b', 'é😀', '🎉'.repeat(256), `a${'🎉'.repeat(255)}`, ' ', '\n', ...Array.from({ length: 60 }, (_, index) => `key-${index}`)];
    const fences = await Promise.all(keys.map(acquire));
    const completed = await Promise.all(keys.map((key, index) => store.complete(key, fences[index] ?? 0, key, 60_000)));
    expect(completed).toEqual(keys.map(() => true));
    const values = await Promise.all(keys.map((key) => store.begin(key, request)));
    expect(values).toEqual(keys.map((value) => ({ state: 'done', fingerprint: 'print', value })));
  });

  it('holds a value of a megabyte, exactly', async () => {
    const value = 'aé😀\u{FFFF}"\\\r\n'.repeat(1 << 16);
    expect(await store.complete('key', await acquire('key'), value, 60_000)).toBe(true);
    expect(await store.begin('key', request)).toEqual({ state: 'done', fingerprint: 'print', value });
  });

  it('keeps one Redis key per idempotency key, which expires by itself', async () => {
    const fence = await acquire('key');
    const name = `${prefix}{idempotency:key}`;
    expect((await onEveryNode('KEYS', `${prefix}*`)).flat()).toEqual([name]);
    expect(await askHolder('PTTL', name)).toBeGreaterThan(60_000);
    await store.complete('key', fence, 'value', 5_000);
    expect(await askHolder('PTTL', name)).toBeLessThanOrEqual(5_000);
  });

  it('gives greater fences after a release, and after the key was forgotten', async () => {
    const first = await acquire('key');
    await store.release('key', first);
    const second = await acquire('key');
    expect(second).toBeGreaterThan(first);
    await store.complete('key', second, 'value', 0);
    const third = await acquire('key');
    expect(third).toBeGreaterThan(second);
    expect(Number.isSafeInteger(third)).toBe(true);
  });

  it('takes lengths of time with fractions, and beyond all measure', async () => {
    const fence = await acquire('key');
    expect(await store.renew('key', fence, 1234.5)).toBe(true);
    expect(await store.renew('key', fence, 1e300)).toBe(true);
    expect(await store.begin('key', { ...request, owner: 'two' })).toMatchObject({ state: 'busy' });
    expect(await store.complete('key', fence, '', 1e300)).toBe(true);
    expect(await store.begin('key', request)).toEqual({ state: 'done', fingerprint: 'print', value: '' });
    // It would stay for ever, and the server may be somebody's own.
    expect(await askHolder('DEL', `${prefix}{idempotency:key}`)).toBe(1);
  });

  it('leaves the client open when it is disposed', async () => {
    await store[Symbol.asyncDispose]();
    expect(await createRedisIdempotencyStore({ client, prefix }).begin('key', request)).toMatchObject({ state: 'acquired' });
  });
});
