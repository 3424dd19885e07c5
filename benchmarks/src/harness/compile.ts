import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The compiled contenders, in a folder of this run that goes with it. */
export interface Compiled extends Disposable {
  readonly folder: string;
  /** What a measured process runs. */
  readonly process: string;
  /** The file of a contender's module. */
  contender(module: string): string;
}

/** Compiles the contenders to plain JavaScript, so that no loader runs in a measured process. Libraries stay imports. */
export async function compile(folder: string): Promise<Compiled> {
  const source = join(folder, 'src');
  const contenders = readdirSync(join(source, 'contenders'), { recursive: true, encoding: 'utf8' });
  mkdirSync(join(folder, 'dist'), { recursive: true });
  const outdir = mkdtempSync(join(folder, 'dist/run-'));
  await build({
    entryPoints: [
      join(source, 'harness/measured-process.ts'),
      ...contenders.filter((file) => file.endsWith('.ts')).map((file) => join(source, 'contenders', file)),
    ],
    ...{ outdir, outbase: source, bundle: true, packages: 'external', format: 'esm', platform: 'node', target: 'node20' },
    splitting: true,
  });
  return {
    folder: outdir,
    process: join(outdir, 'harness/measured-process.js'),
    contender: (module) => join(outdir, 'contenders', `${module}.js`),
    [Symbol.dispose]: () => rmSync(outdir, { recursive: true, force: true }),
  };
}
