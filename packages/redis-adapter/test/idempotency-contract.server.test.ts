import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type IdempotencyStoreHarness, idempotencyStoreContract } from '@tunic/core/testing';
import { afterAll, beforeAll, it } from 'vitest';
import { createRedisIdempotencyStore } from '../src/redis-idempotency-store.ts';
import { type OpenClient, askRedis, describeClients } from './redis-clients.ts';

describeClients('the contract of idempotency stores', (open, server) => {
  const prefix = `test:${randomUUID()}:`;
  const clients: OpenClient[] = [];
  let opened = 0;

  // Each store of a case works through the client of another process.
  const harness: IdempotencyStoreHarness = {
    createStore: () => {
      const { client } = clients[opened++ % clients.length] as OpenClient;
      return createRedisIdempotencyStore({ client, prefix });
    },
    sleep: (ms) => pause(ms),
  };

  beforeAll(async () => {
    clients.push(await open(), await open());
    await Promise.all(server.nodes.map((url) => askRedis(url, 'SCRIPT', 'FLUSH')));
  });
  afterAll(() => Promise.all(clients.map(({ close }) => close())));

  // The time of a server cannot be set; the cases that need it run on the stores that take a clock.
  const cases = idempotencyStoreContract.filter(({ requires = [] }) => !requires.includes('virtual-time'));
  it.for(cases)('$name', async ({ run }) => {
    await run(harness);
  });
});
