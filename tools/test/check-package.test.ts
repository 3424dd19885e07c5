import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPackage } from './check-package.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-package-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A package for both module systems; `types` are what the require side is told to use. */
function write(requireTypes: string): void {
  const manifest = {
    name: 'sample',
    version: '1.0.0',
    license: 'MIT',
    type: 'module',
    files: ['dist'],
    exports: {
      '.': {
        import: { types: './dist/index.d.ts', default: './dist/index.js' },
        require: { types: requireTypes, default: './dist/index.cjs' },
      },
    },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist/index.js'), 'export const answer = 42;\n');
  writeFileSync(join(folder, 'dist/index.cjs'), 'exports.answer = 42;\n');
  for (const name of ['index.d.ts', 'index.d.cts']) writeFileSync(join(folder, 'dist', name), 'export declare const answer: number;\n');
}

describe('checkPackage', () => {
  it('finds nothing wrong with a package for both module systems', async () => {
    write('./dist/index.d.cts');
    expect(await checkPackage(folder, folder)).toEqual([]);
  });

  it('tells of types for the wrong module system', async () => {
    write('./dist/index.d.ts');
    expect(await checkPackage(folder, folder)).toEqual([
      'types: FalseESM (typesFileName /node_modules/sample/dist/index.d.ts, implementationFileName /node_modules/sample/dist/index.cjs)',
    ]);
  });

  it('tells of a file that is not in the archive', async () => {
    write('./dist/index.d.cts');
    rmSync(join(folder, 'dist/index.cjs'));
    expect((await checkPackage(folder, folder)).join('\n')).toMatch(/manifest: .*index\.cjs/);
  });
});
