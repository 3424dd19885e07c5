import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type IdempotencyStoreHarness, idempotencyStoreContract } from '@tunic/core/testing';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { createRedisIdempotencyStore } from '../src/redis-idempotency-store.ts';
import { CLIENT_KINDS, type OpenClient, askRedis } from './redis-clients.ts';

const { running } = inject('servers');

describe.for(CLIENT_KINDS)('the contract of idempotency stores, with $title', ({ server: kind, open }) => {
  const server = running.find((one) => one.kind === kind);
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
    if (server === undefined) return;
    clients.push(await open(server.url), await open(server.url));
    await Promise.all(server.nodes.map((url) => askRedis(url, 'SCRIPT', 'FLUSH')));
  });
  afterAll(() => Promise.all(clients.map(({ close }) => close())));

  it.for(idempotencyStoreContract)('$name', async (contractCase, { skip }) => {
    if (server === undefined) return skip(`no ${kind} server`);
    if (contractCase.requires?.includes('virtual-time') === true) return skip('the time of a server cannot be set');
    await contractCase.run(harness);
  });
});
