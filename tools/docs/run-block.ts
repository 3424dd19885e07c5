import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type CodeBlock, paddedCode, placeOf } from './code-block.ts';
import { transpile } from './transpile.ts';
import type { WorkspaceCopy } from './workspace-copy.ts';

/** How long a block may run. */
export const BLOCK_LIMIT_MS = 10_000;

/**
 * Runs a block in a process and an empty working folder of its own.
 *
 * @throws an error naming file and line when it fails, or has not ended by itself within the limit
 */
export async function runBlock(copy: WorkspaceCopy, root: string, block: CodeBlock, limitMs: number = BLOCK_LIMIT_MS): Promise<void> {
  const folder = mkdtempSync(join(copy.folder, 'block-'));
  const script = join(folder, 'block.mjs');
  const cwd = join(folder, 'cwd');
  mkdirSync(cwd);
  writeFileSync(script, transpile(paddedCode(block), join(root, block.file)));
  const child = spawn(process.execPath, ['--conditions=@tunic/source', '--enable-source-maps', script], {
    cwd,
    env: userEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [end, errors] = await Promise.all([endOf(child, limitMs), text(child.stderr)]);
  if (end !== undefined) throw new Error(`${placeOf(block)}: ${end}\n${errors}`);
}

/** Why the process is no success; `undefined`: it is one. */
function endOf(child: ChildProcess, limitMs: number): Promise<string | undefined> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, limitMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (late) resolve(`did not end by itself within ${limitMs} ms`);
      else resolve(code === 0 ? undefined : `ended with ${signal ?? `code ${String(code)}`}`);
    });
  }).finally(() => clearTimeout(timer)) as Promise<string | undefined>;
}

/** The environment of a user: nothing of the test runner that started us. */
function userEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$)/.test(name));
  return Object.fromEntries(own);
}
