import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Command, type Order, type Report } from './keeper-protocol.ts';
import { type User } from './server-user.ts';

/** A server that is coming up or is up. */
export interface Service {
  /** Fulfils with the reason and the end of its log when it ends by itself. */
  readonly ended: Promise<string>;
}

/** Runs programs that end with this process, whatever ends it, and keeps their files in one folder that goes with them. */
export interface Keeper {
  readonly folder: string;
  /** The process that keeps watch. */
  readonly pid: number;
  /** Makes a folder inside {@link folder} that belongs to `user`. */
  makeFolder(name: string, user?: User): string;
  /** Runs a program to its end; rejects with the end of its output when it fails. */
  run(command: Command): Promise<void>;
  /** Starts a program that stays. */
  start(command: Command): Promise<Service>;
  /** Stops everything and removes the folder; waits until that is done. */
  close(): Promise<void>;
}

interface Pending {
  started(pid: number): void;
  ended(ok: boolean, detail: string): void;
}

function spawnKeeper(): ChildProcess {
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const program = fileURLToPath(new URL('keeper.ts', import.meta.url));
  return spawn(process.execPath, ['--import', pathToFileURL(tsx).href, program], {
    // A session of its own: the Ctrl-C that ends the owner must not end the keeper.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

function killQuietly(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

async function firstReport(child: ChildProcess): Promise<string> {
  const gone = once(child, 'exit').then(() => {
    throw new Error('the process that keeps the servers ended at once');
  });
  const [report] = (await Promise.race([once(child, 'message'), gone])) as [Report];
  if (report.type !== 'ready') throw new Error(`unexpected report: ${report.type}`);
  return report.folder;
}

export async function createKeeper(): Promise<Keeper> {
  const child = spawnKeeper();
  const folder = await firstReport(child);
  const pending = new Map<number, Pending>();
  const pids = new Map<number, number>();
  let lastId = 0;

  child.on('message', (message) => {
    const report = message as Report;
    if (report.type === 'started') {
      pids.set(report.id, report.pid);
      pending.get(report.id)?.started(report.pid);
    }
    if (report.type === 'ended') {
      pids.delete(report.id);
      pending.get(report.id)?.ended(report.ok, report.detail);
      pending.delete(report.id);
    }
  });
  // Whoever kills the keeper itself must not leave its servers or its folder behind.
  const gone = once(child, 'exit').then(async () => {
    for (const pid of pids.values()) killQuietly(pid);
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    for (const order of pending.values()) order.ended(false, 'the process that keeps the servers has ended');
    pending.clear();
  });
  // The keeper watches this process and must not keep it alive, but while an answer is due.
  child.unref();
  let due = 0;
  const awaited = async <T>(answer: Promise<T>): Promise<T> => {
    if (due++ === 0) child.channel?.ref();
    return await answer.finally(() => {
      if (--due === 0) child.channel?.unref();
    });
  };
  child.channel?.unref();

  const order = (command: Command, answer: Pending): void => {
    const id = ++lastId;
    pending.set(id, answer);
    child.send({ id, command } satisfies Order, (error) => {
      if (error !== null) answer.ended(false, error.message);
    });
  };

  return {
    folder,
    pid: child.pid ?? 0,
    makeFolder: (name, user) => {
      const path = join(folder, name);
      mkdirSync(path);
      if (user !== undefined) chownSync(path, user.uid, user.gid);
      return path;
    },
    run: (command) =>
      awaited(
        new Promise((resolve, reject) =>
          order(command, { started: () => undefined, ended: (ok, detail) => (ok ? resolve() : reject(new Error(detail))) }),
        ),
      ),
    start: (command) =>
      awaited(
        new Promise((resolve, reject) => {
          const ended = new Promise<string>((settle) =>
            order(command, {
              started: () => resolve({ ended }),
              ended: (_ok, detail) => {
                settle(detail);
                reject(new Error(detail));
              },
            }),
          );
        }),
      ),
    close: async () => {
      if (child.connected) child.disconnect();
      child.ref();
      await gone;
    },
  };
}
