import { describe, expect, it } from 'vitest';
import { exampleBlocks } from '../example-blocks.ts';

function read(...lines: string[]): { line: number; code: string }[] {
  return exampleBlocks('source.ts', lines.join('\n')).map(({ line, code }) => ({ line, code }));
}

describe('exampleBlocks', () => {
  it('finds the block of an example, with its line in the source', () => {
    const blocks = read(
      'const first = 1;',
      '/**',
      ' * Adds.',
      ' *',
      ' * @example',
      ' * ```ts',
      " * import { add } from '@tunic/core';",
      ' *',
      ' * add(1, 2);',
      ' * ```',
      ' */',
      'export function add(): void {}',
    );
    expect(blocks).toEqual([{ line: 7, code: "import { add } from '@tunic/core';\n\nadd(1, 2);\n" }]);
  });

  it('finds examples on members, and each once', () => {
    const blocks = read(
      'export interface Store {',
      '  /**',
      '   * Gets.',
      '   * @example',
      '   * ```ts',
      '   * get();',
      '   * ```',
      '   */',
      '  get(): void;',
      '}',
      '/**',
      ' * @example',
      ' * ```ts',
      ' * value;',
      ' * ```',
      ' */',
      'export const value = 1;',
    );
    expect(blocks).toEqual([
      { line: 6, code: 'get();\n' },
      { line: 14, code: 'value;\n' },
    ]);
  });

  it('keeps the indentation of the code', () => {
    expect(read('/**', ' * @example', ' *   ```ts', ' *   if (a) {', ' *     b();', ' *   }', ' *   ```', ' */', 'let a;')).toEqual([
      { line: 4, code: 'if (a) {\n  b();\n}\n' },
    ]);
  });

  it('gives back the end of a comment that was escaped', () => {
    expect(read('/**', ' * @example', ' * ```ts', ' * /* no *\\/ go();', ' * ```', ' */', 'let a;')).toEqual([{ line: 4, code: '/* no */ go();\n' }]);
  });

  it('takes no line of code for a tag', () => {
    expect(read('/**', ' * @example', ' * ```ts', ' * @sealed', ' * class A {}', ' * ```', ' */', 'let a;')).toEqual([
      { line: 4, code: '@sealed\nclass A {}\n' },
    ]);
  });

  it('reads CRLF as one end of line', () => {
    const text = '/**\r\n * @example\r\n * ```ts\r\n * one();\r\n * ```\r\n */\r\nlet a;\r\n';
    expect(exampleBlocks('source.ts', text)).toEqual([{ file: 'source.ts', line: 4, code: 'one();\n', run: true }]);
  });

  it('looks into no string, template or plain comment', () => {
    expect(read('const a = `', '/**', ' * ```ts', ' * one();', ' * ```', ' */`;', '// ```ts', '/* ```ts */')).toEqual([]);
  });

  it('names file and line of a fence that is never closed', () => {
    expect(() => read('', '/**', ' * ```ts', ' * one();', ' */', 'let a;')).toThrow('source.ts:3: this fence is never closed');
  });
});
