import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { arrows, forbiddenImport } from './arrows.js';

const CORE = '/repo/packages/core/src';

/** Whether a file of the repository may import something, and if not, why. */
function verdict(from: string, specifier: string): string {
  return forbiddenImport(`/repo/packages/${from}`, specifier) ?? 'allowed';
}

describe('packages', () => {
  it.each(['node-http', 'redis-adapter', 'sql-adapter'])('%s may import core', (name) => {
    expect(verdict(`${name}/src/index.ts`, '@tunic/core')).toBe('allowed');
    expect(verdict(`${name}/src/index.ts`, '@tunic/core/testing')).toBe('allowed');
  });

  it('keeps core from importing an adapter, and itself by name', () => {
    for (const target of ['@tunic/sql-adapter', '@tunic/node-http', '@tunic/core'])
      expect(verdict('core/src/tasks/a.ts', target)).toMatch(/^core must not import/);
  });

  it('keeps an adapter from importing another', () => {
    expect(verdict('sql-adapter/src/index.ts', '@tunic/redis-adapter')).toMatch(/^sql-adapter must not import/);
    expect(verdict('node-http/src/a/b.ts', '@tunic/sql-adapter')).toMatch(/^node-http must not import/);
  });

  it('keeps a package that it does not know from importing another', () => {
    expect(verdict('new-adapter/src/index.ts', '@tunic/core')).toMatch(/^new-adapter must not import/);
  });

  it('lets adapters import what they depend on, and nothing by a path out of the package', () => {
    expect(verdict('sql-adapter/src/sqlite/open.ts', 'node:sqlite')).toBe('allowed');
    expect(verdict('sql-adapter/src/sqlite/open.ts', '../index.ts')).toBe('allowed');
    expect(verdict('sql-adapter/src/index.ts', '../../core/src/index.ts')).toMatch(/leaves the package$/);
    expect(verdict('sql-adapter/src/index.ts', '../test/sample.ts')).toMatch(/leaves the package$/);
  });

  it('says nothing about files outside src', () => {
    expect(verdict('core/test/a.test.ts', 'node:fs')).toBe('allowed');
    expect(forbiddenImport('/repo/tools/a.ts', '@tunic/sql-adapter')).toBeUndefined();
  });
});

describe('the platform in core', () => {
  it('is out of reach, and so is every dependency', () => {
    for (const target of ['node:fs', 'node:async_hooks', 'fs', 'ioredis']) expect(verdict('core/src/tasks/a.ts', target)).toMatch(/^core must not import/);
  });

  it('is reached through the import map only', () => {
    expect(verdict('core/src/context/a.ts', '#context-storage')).toBe('allowed');
    expect(verdict('core/src/context/storage/async-local.ts', 'node:async_hooks')).toBe('allowed');
    expect(verdict('core/src/context/storage/async-local.ts', 'node:fs')).toMatch(/^core must not import/);
  });
});

describe('the tiers of core', () => {
  it.each([
    ['compose', '../errors/tunic-error.ts'],
    ['resilience', '../compose/compose.ts'],
    ['compose', '../resilience/retry.ts'],
    ['tasks', '../limits/limiter.ts'],
    ['tasks', '../schedule/cron.ts'],
    ['testing', '../tasks/task-store.ts'],
    ['tasks', './state.ts'],
  ])('a file of %s may import %s', (folder, specifier) => expect(verdict(`core/src/${folder}/a.ts`, specifier)).toBe('allowed'));

  it.each([
    ['time', '../compose/compose.ts'],
    ['errors', '../tasks/state.ts'],
    ['limits', '../tasks/state.ts'],
    ['schedule', '../testing/virtual-clock.ts'],
  ])('a file of %s must not import %s', (folder, specifier) => expect(verdict(`core/src/${folder}/a.ts`, specifier)).toMatch(/points the other way$/));

  it('counts a file of a nested folder to the folder of its tier', () => {
    expect(verdict('core/src/tasks/worker/a.ts', '../../limits/limiter.ts')).toBe('allowed');
    expect(verdict('core/src/limits/stores/a.ts', '../../tasks/state.ts')).toMatch(/points the other way$/);
  });

  it('holds every folder to have a tier', () => {
    expect(verdict('core/src/misc/a.ts', '../time/clock.ts')).toMatch(/misc has no tier/);
    expect(verdict('core/src/tasks/a.ts', '../misc/clock.ts')).toMatch(/misc has no tier/);
  });

  it('keeps modules from importing the index, which may import them all', () => {
    expect(verdict('core/src/tasks/a.ts', '../index.ts')).toMatch(/^the index is for users/);
    expect(verdict('core/src/index.ts', './testing/index.ts')).toBe('allowed');
  });
});

RuleTester.describe = describe;
RuleTester.it = it;
const filename = `${CORE}/limits/a.ts`;
const errors = [{ messageId: 'forbidden' }];

new RuleTester({ languageOptions: { parser: tseslint.parser } }).run('arrows', arrows, {
  valid: [
    { filename, code: "import { a } from '../time/clock.ts'; export { b } from '../errors/b.ts'; export const c = 1;" },
    { filename: '/repo/tools/a.ts', code: "import { a } from '@tunic/sql-adapter';" },
    // A name that is computed cannot be judged.
    { filename, code: 'const load = (name: string) => import(name);' },
  ],
  invalid: [
    { filename, code: "import { a } from '../tasks/state.ts';", errors },
    { filename, code: "import type { A } from '../tasks/state.ts';", errors },
    { filename, code: "export { a } from '../tasks/state.ts';", errors },
    { filename, code: "export * from '../tasks/state.ts';", errors },
    { filename, code: "const load = () => import('../tasks/state.ts');", errors },
    { filename: 'C:\\repo\\packages\\core\\src\\limits\\a.ts', code: "import { a } from '../tasks/state.ts';", errors },
  ],
});
