import { CLUSTER_BUS_OFFSET, freePort } from '../free-ports.ts';
import { type Keeper } from '../keeper-client.ts';
import { type Program, type ServerDefinition } from '../server-kind.ts';
import { startService } from '../start-service.ts';
import { waitUntil } from '../wait-until.ts';
import { redis, redisArguments, redisCommands, redisVersion } from './redis.ts';

const SLOTS = 16_384;
const MASTERS = 3;
const AGREE_WITHIN_MS = 30_000;

async function startNode(program: Program, keeper: Keeper): Promise<string> {
  const port = await freePort(CLUSTER_BUS_OFFSET);
  const url = `redis://127.0.0.1:${port}`;
  const folder = keeper.makeFolder(`redis-cluster-${port}`);
  const args = [...redisArguments(port, folder), '--cluster-enabled', 'yes', '--cluster-node-timeout', '5000'];
  await startService(keeper, { program: program.path, args }, () => redisVersion(url));
  return url;
}

/** The commands that give a node its third of the slots, an epoch of its own, and the first node's address. */
function joinCommands(index: number, seed: string): string[][] {
  const first = Math.floor((index * SLOTS) / MASTERS);
  const last = Math.floor(((index + 1) * SLOTS) / MASTERS) - 1;
  // ADDSLOTSRANGE would be shorter, but Redis 6.2 does not have it.
  const slots = Array.from({ length: last - first + 1 }, (_, offset) => `${first + offset}`);
  const commands = [
    ['CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`],
    ['CLUSTER', 'ADDSLOTS', ...slots],
  ];
  return index === 0 ? commands : [...commands, ['CLUSTER', 'MEET', '127.0.0.1', new URL(seed).port]];
}

async function checkAgreed(url: string): Promise<void> {
  const [info = ''] = await redisCommands(url, [['CLUSTER', 'INFO']]);
  const values = new Map(info.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string]));
  if (values.get('cluster_state') !== 'ok' || values.get('cluster_slots_ok') !== `${SLOTS}`) throw new Error(`the cluster at ${url} is not whole: ${info}`);
}

async function ping(nodes: readonly string[]): Promise<string> {
  await Promise.all(nodes.map(checkAgreed));
  return await redisVersion(nodes[0] ?? '');
}

export const redisCluster: ServerDefinition = {
  ...redis,
  kind: 'redis-cluster',
  title: 'Redis Cluster',
  variable: 'TEST_REDIS_CLUSTER_URL',
  async launch(program, keeper) {
    const nodes = await Promise.all(Array.from({ length: MASTERS }, () => startNode(program, keeper)));
    await Promise.all(nodes.map((url, index) => redisCommands(url, joinCommands(index, nodes[0] ?? ''))));
    await waitUntil(() => ping(nodes), { withinMs: AGREE_WITHIN_MS });
    return nodes;
  },
  ping,
};
