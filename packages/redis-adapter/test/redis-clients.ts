import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { describe } from 'vitest';
import { describeServer } from '../../../tools/servers/describe-server.ts';
import type { RunningServer } from '../../../tools/servers/server-kind.ts';
import type { RedisClient } from '../src/client/redis-client.ts';

/** A connected client, as a user would bring it. */
export interface OpenClient {
  client: RedisClient;
  close: () => Promise<unknown>;
}

/** One kind of client, and the server that it is for. */
interface ClientKind {
  title: string;
  server: 'redis' | 'redis-cluster';
  open: (url: string) => Promise<OpenClient>;
}

/** Errors reject the calls that they hit; without a listener the event would end the process. */
const ignore = (): undefined => undefined;

/** Every kind of client that the package supports. */
const CLIENT_KINDS: readonly ClientKind[] = [
  { title: 'node-redis', server: 'redis', open: openNodeRedis },
  { title: 'ioredis', server: 'redis', open: openIoRedis },
  { title: 'node-redis on a Cluster', server: 'redis-cluster', open: openNodeRedisCluster },
  { title: 'ioredis on a Cluster', server: 'redis-cluster', open: openIoRedisCluster },
];

/** A group of tests for each kind of client against a server of its kind. */
export function describeClients(title: string, tests: (open: () => Promise<OpenClient>, server: RunningServer) => void): void {
  for (const kind of CLIENT_KINDS)
    describeServer(kind.server, (server) => describe(`${title}, with ${kind.title}`, () => tests(() => kind.open(server.url), server)));
}

/** A client of `redis` that reports the loss of its connection at once, and then connects anew. */
export async function openNodeRedis(url: string): Promise<OpenClient> {
  const client = createClient({ url });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.close() };
}

/** A client of `ioredis` that reports the loss of its connection at once, and then connects anew. */
export async function openIoRedis(url: string): Promise<OpenClient> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0 });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.quit() };
}

async function openNodeRedisCluster(url: string): Promise<OpenClient> {
  const client = createCluster({ rootNodes: [{ url }] });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.close() };
}

async function openIoRedisCluster(url: string): Promise<OpenClient> {
  const { hostname, port } = new URL(url);
  const client = new Cluster([{ host: hostname, port: Number(port) }], { lazyConnect: true });
  client.on('error', ignore);
  await client.connect();
  return { client, close: () => client.quit() };
}

/** Sends one command to one node, over a connection of its own, and gives the reply as it came. */
export async function askRedis(url: string, ...command: string[]): Promise<unknown> {
  const client = createClient({ url });
  client.on('error', ignore);
  await client.connect();
  return client.sendCommand(command).finally(() => client.close());
}
