import { describe, expect, it } from 'vitest';
import { redis } from '../kinds/redis.ts';
import { type ServerDefinition } from '../server-kind.ts';
import { startServers, withoutPassword } from '../start-servers.ts';

const answering: ServerDefinition = { ...redis, ping: () => Promise.resolve('7.0.0') };
const silent: ServerDefinition = { ...redis, ping: () => Promise.reject(new Error('connection refused')) };

describe('startServers', () => {
  it('starts nothing for a server given by its variable', async () => {
    const { servers, close } = await startServers([{ definition: answering, source: { urls: ['redis://elsewhere:1'] } }]);
    expect(servers).toEqual([{ kind: 'redis', url: 'redis://elsewhere:1', nodes: ['redis://elsewhere:1'], version: '7.0.0', source: 'TEST_REDIS_URL' }]);
    await close();
  });

  it('names every server that does not answer, without its password', async () => {
    const choice = { definition: silent, source: { urls: ['redis://me:secret@elsewhere:1'] } };
    await expect(startServers([choice, { ...choice, definition: { ...silent, title: 'Other' } }])).rejects.toThrow(
      'Redis (TEST_REDIS_URL=redis://me:***@elsewhere:1) does not answer: connection refused\n' +
        'Other (TEST_REDIS_URL=redis://me:***@elsewhere:1) does not answer: connection refused',
    );
  });

  it('tells the end of the log of a server that ends at once', async () => {
    const definition: ServerDefinition = {
      ...answering,
      launch: async (program, keeper) => {
        await keeper.run({ program: program.path, args: ['-c', 'echo no space left; exit 3'] });
        return [];
      },
    };
    await expect(startServers([{ definition, source: { program: { path: '/bin/sh', version: '1' } } }])).rejects.toThrow(
      'Redis (/bin/sh) does not answer: /bin/sh ended with 3\nno space left',
    );
  });

  it('hides only the password', () => {
    expect(withoutPassword('postgres://me:p%40ss@host:5432/db')).toBe('postgres://me:***@host:5432/db');
    expect(withoutPassword('redis://host:6379')).toBe('redis://host:6379');
  });
});
