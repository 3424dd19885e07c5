import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Why a package has to be built before it is measured as users get it; `undefined`: it is up to date. */
export function reasonToBuild(folder: string): string | undefined {
  const built = join(folder, 'dist/index.js');
  if (!existsSync(built)) return 'not built';
  const builtAt = statSync(built).mtimeMs;
  const source = join(folder, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).map((file) => join(source, file));
  return files.some((file) => statSync(file).mtimeMs > builtAt) ? 'older than its sources' : undefined;
}

/** Builds those packages that need it, and says so. */
export function ensureBuilt(root: string, packages: readonly string[], say: (line: string) => void): void {
  for (const name of packages) {
    const reason = reasonToBuild(join(root, 'packages', name));
    if (reason === undefined) continue;
    say(`packages/${name} is ${reason}: building it`);
    const { status, stdout, stderr } = spawnSync('npm', ['run', 'build', '-w', `packages/${name}`], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`packages/${name} could not be built\n${stdout}\n${stderr}`);
  }
}

/** Copies what users would install to where the contenders of this run find it first: a build meanwhile changes nothing. */
export function copyBuilt(root: string, packages: readonly string[], folder: string): void {
  const scope = join(folder, 'node_modules/@tunic');
  rmSync(scope, { recursive: true, force: true });
  for (const name of packages)
    for (const part of ['package.json', 'dist']) cpSync(join(root, 'packages', name, part), join(scope, name, part), { recursive: true });
}
