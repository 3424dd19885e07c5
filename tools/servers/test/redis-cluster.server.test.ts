import { Cluster } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { expect, it } from 'vitest';
import { describeServer } from '../describe-server.ts';
import { freshName } from '../fresh-database.ts';

interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly port: number;
}

async function slotRanges(url: string): Promise<SlotRange[]> {
  const client = createClient({ url });
  await client.connect();
  const reply = (await client.sendCommand(['CLUSTER', 'SLOTS'])) as unknown as [number, number, [string, number]][];
  client.destroy();
  return reply.map(([first, last, [, port]]) => ({ first, last, port })).sort((left, right) => left.first - right.first);
}

// Tags in the first, the second and the third part of the slots: 3300, 7365 and 15495.
const TAGS = ['{b}', '{c}', '{a}'];

describeServer('redis-cluster', (server) => {
  it('has three masters that share all slots without a gap, as each of them tells it', async () => {
    for (const node of server.nodes) {
      const ranges = await slotRanges(node);
      expect(new Set(ranges.map(({ port }) => port)).size).toBe(3);
      expect(ranges[0]?.first).toBe(0);
      expect(ranges.at(-1)?.last).toBe(16_383);
      for (const [index, range] of ranges.entries()) if (index > 0) expect(range.first).toBe((ranges[index - 1]?.last ?? NaN) + 1);
    }
  });

  it('refers a client that asks the wrong node to the right one', async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    const owner = (await slotRanges(server.url)).at(-1)?.port ?? 0;
    await expect(client.set(`{a}${freshName()}`, '1')).rejects.toThrow(`MOVED 15495 127.0.0.1:${owner}`);
    client.destroy();
  });

  it('serves keys of every node to the cluster client of redis, seeded with one node', async () => {
    const client = createCluster({ rootNodes: [{ url: server.url }] });
    await client.connect();
    const keys = TAGS.map((tag) => `${tag}${freshName()}`);
    for (const key of keys) await client.set(key, key);
    expect(await Promise.all(keys.map((key) => client.getDel(key)))).toEqual(keys);
    client.destroy();
  });

  it('serves keys of every node to the cluster client of ioredis, seeded with one node', async () => {
    const client = new Cluster([server.url]);
    const keys = TAGS.map((tag) => `${tag}${freshName()}`);
    for (const key of keys) expect(await client.eval("return redis.call('SET', KEYS[1], ARGV[1])", 1, key, key)).toBe('OK');
    expect(await Promise.all(keys.map((key) => client.getdel(key)))).toEqual(keys);
    client.disconnect();
  });
});
