import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A real process that runs a fixture, killed after the test at the latest. */
export interface FixtureProcess {
  /** Resolves when the process has written this line; rejects when it ends without. */
  line(text: string): Promise<void>;
  /** Writes a line to the process. */
  tell(line: string): void;
  kill(): void;
  /** Every line that it wrote, once it has ended. */
  ended: Promise<{ lines: string[]; code: number | null }>;
}

/** Starts `test/fixtures/<name>` with the sources of the packages. */
export function startFixture(name: string, ...parameters: string[]): FixtureProcess {
  const path = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@tunic/source', '--import', 'tsx', path, ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    changed();
  });
  const ended = new Promise<{ lines: string[]; code: number | null }>((resolve) => {
    child.on('close', (code) => {
      resolve({ lines: output.split('\n').slice(0, -1), code });
      changed();
    });
  });
  const line = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const there = output.split('\n').slice(0, -1).includes(text);
        if (!there && child.exitCode === null && child.signalCode === null) return;
        listeners.delete(look);
        if (there) resolve();
        else reject(new Error(`${name} ended without "${text}"`));
      };
      listeners.add(look);
      look();
    });
  return { line, tell: (text) => void child.stdin.write(`${text}\n`), kill: () => void child.kill('SIGKILL'), ended };
}
