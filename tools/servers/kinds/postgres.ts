import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../free-ports.ts';
import { serverUser } from '../server-user.ts';
import { type ServerDefinition } from '../server-kind.ts';
import { startService } from '../start-service.ts';

const CONNECT_WITHIN_MS = 5000;

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '200',
};

async function version(url: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  // A connection that breaks rejects the query; without a listener the event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version.split(' ', 1)[0] ?? 'unknown';
  } finally {
    await client.end();
  }
}

export const postgres: ServerDefinition = {
  kind: 'postgres',
  title: 'PostgreSQL',
  variable: 'TEST_POSTGRES_URL',
  minimum: '13',
  programs: ['postgres'],
  companions: ['initdb'],
  folders: [],
  packages: ['postgresql'],
  command: 'install PostgreSQL 13 or newer',
  optional: false,
  identify: (output) => /\(PostgreSQL\) (\d[\d.]*)/.exec(output)?.[1],
  async launch(program, keeper) {
    const user = serverUser(program.path, ['postgres']);
    const port = await freePort();
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const data = keeper.makeFolder(`postgres-${port}`, user);
    const initdb = join(dirname(realpathSync(program.path)), 'initdb');
    await keeper.run({
      program: initdb,
      args: ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      user,
    });
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const command = { program: program.path, args: ['-D', data, '-p', `${port}`, ...settings], user, stopSignal: 'SIGQUIT' } as const;
    await startService(keeper, command, () => version(url));
    return [url];
  },
  ping: async ([url = '']) => await version(url),
};
