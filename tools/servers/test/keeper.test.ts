import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';

const WITHIN_MS = 10_000;
const PIDS = ['polite.pid', 'stubborn.pid', 'child.pid'];

interface Owner {
  readonly process: ChildProcess;
  readonly folder: string;
  readonly keeper: number;
  readonly pids: readonly number[];
}

const owners: ChildProcess[] = [];
afterEach(() => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that is dead and waits for its parent to ask counts as gone.
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function startOwner(): Promise<Owner> {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const program = fileURLToPath(new URL('keeper-owner.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', tsx, program], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
  owners.push(child);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const [line] = (await once(lines, 'line')) as [string];
  const { folder, keeper } = JSON.parse(line) as { folder: string; keeper: number };
  const readPid = (name: string): Promise<number> =>
    waitUntil(
      () => {
        const pid = Number(existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
        return pid > 0 ? Promise.resolve(pid) : Promise.reject(new Error(`${name} is not there`));
      },
      { withinMs: WITHIN_MS },
    );
  return { process: child, folder, keeper, pids: await Promise.all(PIDS.map(readPid)) };
}

async function expectNothingLeft({ folder, keeper, pids }: Owner): Promise<void> {
  await waitUntil(
    () => {
      const left = [...[...pids, keeper].filter(isAlive), ...(existsSync(folder) ? [folder] : [])];
      return left.length === 0 ? Promise.resolve() : Promise.reject(new Error(`left over: ${left.join(', ')}`));
    },
    { withinMs: WITHIN_MS },
  );
}

async function foldersOf(pid: number): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`tunic-servers-${pid}-`));
}

describe('the keeper ends what it started and removes its folder', () => {
  it('when its owner closes it', async () => {
    const owner = await startOwner();
    expect(owner.pids.every(isAlive)).toBe(true);
    owner.process.send('close');
    expect(await once(owner.process, 'exit')).toEqual([0, null]);
    await expectNothingLeft(owner);
  });

  it('when its owner comes to its end without closing it', async () => {
    const owner = await startOwner();
    owner.process.send('leave');
    expect(await once(owner.process, 'exit')).toEqual([0, null]);
    await expectNothingLeft(owner);
  });

  it('when its owner crashes', async () => {
    const owner = await startOwner();
    owner.process.send('throw');
    expect(await once(owner.process, 'exit')).toEqual([1, null]);
    await expectNothingLeft(owner);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    it(`when its owner is ended with ${signal}`, async () => {
      const owner = await startOwner();
      owner.process.kill(signal);
      await once(owner.process, 'exit');
      await expectNothingLeft(owner);
    });

  it('when the whole group of its owner gets the SIGINT of a Ctrl-C', async () => {
    const owner = await startOwner();
    process.kill(-(owner.process.pid ?? NaN), 'SIGINT');
    await once(owner.process, 'exit');
    await expectNothingLeft(owner);
  });

  it('when its owner is gone before it has begun', async () => {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const program = fileURLToPath(new URL('../keeper.ts', import.meta.url));
    const keeper = spawn(process.execPath, ['--import', tsx, program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    keeper.disconnect();
    expect(await once(keeper, 'exit')).toEqual([0, null]);
    expect(await foldersOf(keeper.pid ?? 0)).toEqual([]);
  });

  it('when it is itself told to end', async () => {
    const owner = await startOwner();
    process.kill(owner.keeper, 'SIGTERM');
    await expectNothingLeft(owner);
  });

  it('through its owner when it is itself killed', async () => {
    const owner = await startOwner();
    process.kill(owner.keeper, 'SIGKILL');
    await expectNothingLeft(owner);
  });
});
