import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportList, publicPackages } from './public-exports.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe.each(publicPackages(root))('the exports of $folder', ({ folder, entries }) => {
  it('are those of exports.txt, which changes on purpose only: npm run exports:update', () => {
    const path = join(root, folder, 'exports.txt');
    expect(exportList(entries)).toBe(existsSync(path) ? readFileSync(path, 'utf8') : 'a committed exports.txt');
  });

  it('all have a docstring', () => {
    const bare = entries.flatMap(({ specifier, exports }) => exports.filter((one) => !one.documented).map((one) => `${specifier}: ${one.name}`));
    expect(bare).toEqual([]);
  });
});
