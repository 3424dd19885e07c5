import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Installer } from './choose-servers.ts';

const POLICY = '/usr/sbin/policy-rc.d';
const SAVED = `${POLICY}.before-tests`;
const OURS = '# Written while tests install servers; goes away by itself.';
const OUTPUT_CHARACTERS = 3000;

/** Keeps packages from starting their services for as long as this process lives, and then puts back what was there. */
function policy(): string {
  return [
    '#!/bin/sh',
    OURS,
    `kill -0 ${process.pid} 2>/dev/null && exit 101`,
    `if [ -e ${SAVED} ]; then mv ${SAVED} "$0"; exec "$0" "$@"; fi`,
    'rm -f "$0"; exit 0',
    '',
  ].join('\n');
}

async function withoutServices(work: () => Promise<void>): Promise<void> {
  if (existsSync(POLICY) && !readFileSync(POLICY, 'utf8').includes(OURS)) renameSync(POLICY, SAVED);
  writeFileSync(POLICY, policy(), { mode: 0o755 });
  try {
    await work();
  } finally {
    if (existsSync(SAVED)) renameSync(SAVED, POLICY);
    else rmSync(POLICY, { force: true });
  }
}

async function apt(...args: string[]): Promise<void> {
  const options = ['-y', '-q', '-o', 'DPkg::Lock::Timeout=300'];
  const child = spawn('apt-get', [...options, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`apt-get ${args.join(' ')} failed: ${output.slice(-OUTPUT_CHARACTERS).trim()}`);
}

async function install(packages: readonly string[]): Promise<void> {
  console.log(`servers: installing ${packages.join(' ')} with apt`);
  const run = (): Promise<void> => apt('install', '--no-install-recommends', ...packages);
  await withoutServices(async () => {
    try {
      await run();
    } catch {
      // The lists are absent or out of date. Another source of the machine may be out of reach; what counts is the install.
      await apt('update').catch(() => undefined);
      await run();
    }
  });
}

/** Installs Debian packages when we are root on a system that has apt. */
export const aptInstaller: Installer = {
  available: process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get'),
  install,
};
