import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyBuilt, reasonToBuild } from '../../src/harness/built-packages.ts';

let root: string;
let folder: string;

function put(file: string, modifiedAt: number): void {
  writeFileSync(join(folder, file), file);
  utimesSync(join(folder, file), modifiedAt, modifiedAt);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tunic-built-'));
  folder = join(root, 'packages/core');
  mkdirSync(join(folder, 'src/deep'), { recursive: true });
  mkdirSync(join(folder, 'dist'));
  put('package.json', 100);
  for (const path of ['src', 'src/deep']) utimesSync(join(folder, path), 100, 100);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('reasonToBuild', () => {
  it('is that nothing was built, or that a source changed since', () => {
    put('src/deep/a.ts', 100);
    utimesSync(join(folder, 'src/deep'), 100, 100);
    expect(reasonToBuild(folder)).toBe('not built');
    put('dist/index.js', 200);
    expect(reasonToBuild(folder)).toBeUndefined();
    put('src/deep/a.ts', 300);
    expect(reasonToBuild(folder)).toBe('older than its sources');
  });
});

describe('copyBuilt', () => {
  it('replaces what an earlier run left', () => {
    const target = join(root, 'out');
    put('dist/index.js', 200);
    copyBuilt(root, ['core'], target);
    writeFileSync(join(folder, 'dist/index.js'), 'newer');
    copyBuilt(root, ['core'], target);
    expect(readFileSync(join(target, 'node_modules/@tunic/core/dist/index.js'), 'utf8')).toBe('newer');
  });
});
