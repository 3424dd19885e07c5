/**
 * A process that runs servers for its owner and outlives it by a moment: when the channel to the owner closes, however
 * the owner came to its end, it stops all that it started and removes the folder in which they lived.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Order, type Report } from './keeper-protocol.ts';

const GRACE_MS = 3000;
const DETAIL_CHARACTERS = 4000;

const folder = mkdtempSync(join(tmpdir(), `tunic-servers-${process.pid}-`));
chmodSync(folder, 0o755);
const running = new Map<ChildProcess, NodeJS.Signals>();
let closing = false;

function report(message: Report): void {
  // The owner may be gone already; then there is nobody to tell.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  await new Promise<void>((resolve) => {
    const hurry = setTimeout(() => killGroup(child), GRACE_MS);
    child.once('exit', () => {
      clearTimeout(hurry);
      resolve();
    });
    child.kill(signal);
  });
  killGroup(child);
}

async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  await Promise.all([...running].map(([child, signal]) => stop(child, signal)));
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  process.exit(0);
}

function carryOut({ id, command }: Order): void {
  if (closing) return;
  const path = join(folder, `${id}.log`);
  const log = openSync(path, 'a');
  const child = spawn(command.program, command.args, {
    // A group of its own: a Ctrl-C meant for the owner must not reach it before the keeper does.
    detached: true,
    stdio: ['ignore', log, log],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TZ: 'UTC', LC_ALL: 'C' },
    ...command.user,
  });
  closeSync(log);
  if (child.pid !== undefined) {
    running.set(child, command.stopSignal ?? 'SIGKILL');
    report({ type: 'started', id, pid: child.pid });
  }
  const ended = (ok: boolean, why: string): void => {
    running.delete(child);
    if (!closing) report({ type: 'ended', id, ok, detail: `${why}\n${readFileSync(path, 'utf8').slice(-DETAIL_CHARACTERS)}`.trim() });
  };
  child.once('error', (error) => ended(false, error.message));
  child.once('exit', (code, signal) => ended(code === 0, `${command.program} ended with ${signal ?? code ?? 'no code'}`));
}

process.on('message', (order) => carryOut(order as Order));
process.on('disconnect', () => void close());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void close());
process.on('uncaughtException', (error) => {
  console.error(error);
  void close();
});
// The owner may have gone while this module was loading; nobody would tell us any more.
if (process.connected) report({ type: 'ready', folder });
else void close();
