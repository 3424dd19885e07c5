import { createClient } from 'redis';
import { freePort } from '../free-ports.ts';
import { type ServerDefinition } from '../server-kind.ts';
import { startService } from '../start-service.ts';

const CONNECT_WITHIN_MS = 5000;

/** Runs Redis commands on one node over a connection of its own. */
export async function redisCommands(url: string, commands: readonly (readonly string[])[]): Promise<string[]> {
  const client = createClient({ url, socket: { connectTimeout: CONNECT_WITHIN_MS, reconnectStrategy: false } });
  // Failures reject the calls; without a listener the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const replies: string[] = [];
    for (const command of commands) {
      const reply = await client.sendCommand([...command]);
      replies.push(typeof reply === 'string' ? reply : JSON.stringify(reply));
    }
    return replies;
  } finally {
    client.destroy();
  }
}

/** The version of the Redis or Valkey at a URL. */
export async function redisVersion(url: string): Promise<string> {
  const [info = ''] = await redisCommands(url, [['INFO', 'server']]);
  const version = /^(valkey|redis)_version:(\S+)/m.exec(info)?.[2];
  if (version === undefined) throw new Error('INFO names no version');
  return version;
}

/** What every throw-away Redis is started with: loopback only, nothing written. */
export function redisArguments(port: number, folder: string): string[] {
  return [
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no'],
    ...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
  ];
}

export const redis: ServerDefinition = {
  kind: 'redis',
  title: 'Redis',
  variable: 'TEST_REDIS_URL',
  minimum: '6.2',
  programs: ['redis-server', 'valkey-server'],
  companions: [],
  folders: [],
  packages: ['redis-server'],
  command: 'install redis-server 6.2 or newer',
  optional: false,
  identify: (output) => /server v=(\d[\d.]*)/i.exec(output)?.[1],
  async launch(program, keeper) {
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    const command = { program: program.path, args: redisArguments(port, keeper.makeFolder(`redis-${port}`)) };
    await startService(keeper, command, () => redisVersion(url));
    return [url];
  },
  ping: async ([url = '']) => await redisVersion(url),
};
