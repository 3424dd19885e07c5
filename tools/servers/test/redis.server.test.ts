import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { expect, it } from 'vitest';
import { describeServer } from '../describe-server.ts';
import { freshName } from '../fresh-database.ts';

const SCRIPT = "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('INCRBY', KEYS[1], 2)";

describeServer('redis', (server) => {
  it('runs a script for the redis client', async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    const key = freshName();
    expect(await client.eval(SCRIPT, { keys: [key], arguments: ['40'] })).toBe(42);
    expect(await client.getDel(key)).toBe('42');
    client.destroy();
  });

  it('runs a script for the ioredis client', async () => {
    const client = new Redis(server.url);
    const key = freshName();
    expect(await client.eval(SCRIPT, 1, key, '40')).toBe(42);
    expect(await client.getdel(key)).toBe('42');
    client.disconnect();
  });

  it('writes nothing to disk', async () => {
    const client = new Redis(server.url);
    expect([await client.config('GET', 'save'), await client.config('GET', 'appendonly')]).toEqual([
      ['save', ''],
      ['appendonly', 'no'],
    ]);
    client.disconnect();
  });
});
