import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Choices, chooseServers, type ChooseOptions, type Installer } from '../choose-servers.ts';
import { definitions } from '../definitions.ts';
import { mysql } from '../kinds/mysql.ts';
import { redisCluster } from '../kinds/redis-cluster.ts';
import { redis } from '../kinds/redis.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'choose-servers-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const noInstaller: Installer = { available: false, install: () => Promise.reject(new Error('must not be asked')) };

function options(changes: Partial<ChooseOptions> = {}): ChooseOptions {
  return { environment: {}, places: { path: join(root, 'bin'), root, repository: root }, installer: noInstaller, ...changes };
}

function bring(name: string, told: string): void {
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\necho '${told}'\n`);
  chmodSync(join(root, 'bin', name), 0o755);
}

function sources({ chosen }: Choices): unknown[] {
  return chosen.map(({ definition, source }) => [definition.kind, source]);
}

describe('chooseServers', () => {
  it('prefers the variable to a program', async () => {
    bring('redis-server', 'Redis server v=7.0.15');
    const choices = await chooseServers([redis], options({ environment: { TEST_REDIS_URL: 'redis://elsewhere:1' } }));
    expect(sources(choices)).toEqual([['redis', { urls: ['redis://elsewhere:1'] }]]);
  });

  it('splits the variable of a cluster into its nodes', async () => {
    const choices = await chooseServers([redisCluster], options({ environment: { TEST_REDIS_CLUSTER_URL: 'redis://a:1,redis://b:2' } }));
    expect(sources(choices)).toEqual([['redis-cluster', { urls: ['redis://a:1', 'redis://b:2'] }]]);
  });

  it('does not ask the installer while every server is there', async () => {
    bring('redis-server', 'Redis server v=7.0.15');
    const installer = { ...noInstaller, available: true };
    const { chosen, missing } = await chooseServers([redis, redisCluster], options({ installer }));
    expect([chosen.length, missing]).toEqual([2, []]);
  });

  it('installs all that is missing in one go, and looks again', async () => {
    const asked: (readonly string[])[] = [];
    const install = (packages: readonly string[]): Promise<void> => {
      asked.push(packages);
      bring('redis-server', 'Redis server v=7.0.15');
      return Promise.resolve();
    };
    const { chosen, missing } = await chooseServers(definitions, options({ installer: { available: true, install } }));
    expect(asked).toEqual([['redis-server', 'postgresql', 'mariadb-server-core', 'mariadb-client-core']]);
    expect(chosen.map(({ definition }) => definition.kind)).toEqual(['redis', 'redis-cluster']);
    expect(missing.map(({ kind }) => kind)).toEqual(['postgres', 'mariadb', 'mysql']);
  });

  it('names what is missing, why, and the command that would mend it', async () => {
    const { missing } = await chooseServers([redis, mysql], options());
    expect(missing).toEqual([
      {
        kind: 'redis',
        title: 'Redis',
        optional: false,
        reason: 'no redis-server or valkey-server on this machine',
        command: 'sudo apt-get install -y --no-install-recommends redis-server, or set TEST_REDIS_URL',
      },
      {
        kind: 'mysql',
        title: 'MySQL',
        optional: true,
        reason: 'no mysqld on this machine',
        command: 'npm run servers:mysql, or set TEST_MYSQL_URL',
      },
    ]);
  });

  it('says why a server that is there will not do', async () => {
    bring('redis-server', 'Redis server v=5.0.0');
    const { missing } = await chooseServers([redis], options());
    expect(missing[0]?.reason).toBe(`${join(root, 'bin/redis-server')} is 5.0.0, older than 6.2`);
  });

  it('says why installing failed', async () => {
    const installer = { available: true, install: () => Promise.reject(new Error('no network')) };
    const { missing } = await chooseServers([redis], options({ installer }));
    expect(missing[0]?.reason).toBe('no redis-server or valkey-server on this machine; installing failed: no network');
  });
});
