import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { exportList, publicPackages } from '../public-exports.ts';

const root = mkdtempSync(join(tmpdir(), 'tunic-exports-'));
afterAll(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

it('lists what the entry points of each package export, and what lacks a docstring', () => {
  const entry = (source: string): object => ({ '@tunic/source': source, import: './dist/index.js' });
  write('tsconfig.json', JSON.stringify({ compilerOptions: { module: 'NodeNext', allowImportingTsExtensions: true, noEmit: true, types: [] } }));
  write(
    'packages/one/package.json',
    JSON.stringify({
      name: '@tunic/one',
      type: 'module',
      exports: { '.': entry('./src/index.ts'), './more': entry('./src/more.ts'), './package.json': './package.json' },
    }),
  );
  write('packages/one/src/index.ts', "export { run, type Options, Machine, type Kind } from './run.ts';");
  write('packages/one/src/more.ts', '/** The limit. */\nexport const limit = 1;');
  write(
    'packages/one/src/run.ts',
    [
      '/** Runs. */\nexport function run(): void {}',
      'export interface Options {\n  /** Documented, but its owner is not. */\n  depth: number;\n}',
      '/** A machine. */\nexport class Machine {}',
      "// Not a docstring.\nexport type Kind = 'a';",
      '/** Inside only. */\nexport function hidden(): void {}',
    ].join('\n'),
  );

  const [one] = publicPackages(root);
  expect(one?.folder).toBe('packages/one');
  expect(exportList(one?.entries ?? [])).toBe(
    '@tunic/one\n  Kind type\n  Machine class\n  Options interface\n  run function\n\n@tunic/one/more\n  limit value\n',
  );
  const bare = one?.entries.flatMap(({ exports }) => exports.filter(({ documented }) => !documented).map(({ name }) => name));
  expect(bare).toEqual(['Kind', 'Options']);
});
