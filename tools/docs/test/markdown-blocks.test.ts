import { describe, expect, it } from 'vitest';
import { markdownBlocks } from '../markdown-blocks.ts';

function read(...lines: string[]): { line: number; code: string; run: boolean }[] {
  return markdownBlocks('page.md', lines.join('\n')).map(({ line, code, run }) => ({ line, code, run }));
}

describe('markdownBlocks', () => {
  it('finds ts blocks, with the line of their first code', () => {
    expect(read('# Title', '', '```ts', 'one();', '', 'two();', '```', 'text', '```ts', 'three();', '```')).toEqual([
      { line: 4, code: 'one();\n\ntwo();\n', run: true },
      { line: 10, code: 'three();\n', run: true },
    ]);
  });

  it('names the file', () => {
    expect(markdownBlocks('docs/page.md', '```ts\none();\n```')).toMatchObject([{ file: 'docs/page.md' }]);
  });

  it('passes over other languages, and over none', () => {
    expect(read('```sh', 'npm start', '```', '```', 'plain', '```', '```tsx', '<a/>', '```', '```json', '{}', '```')).toEqual([]);
  });

  it('only type-checks a block marked no-run', () => {
    expect(read('```ts no-run', 'one();', '```')).toEqual([{ line: 2, code: 'one();\n', run: false }]);
  });

  it('refuses a flag that it does not know, with file and line', () => {
    expect(() => read('text', '```ts no-tun', 'one();', '```')).toThrow('page.md:2: a ts block may be marked no-run, not no-tun');
  });

  it('refuses a fence that is never closed, with file and line', () => {
    expect(() => read('text', '```ts', 'one();')).toThrow('page.md:2: this fence is never closed');
  });

  it('does not look into a longer fence', () => {
    expect(read('````md', '```ts', 'inside();', '```', '````', '```ts', 'outside();', '```')).toEqual([{ line: 7, code: 'outside();\n', run: true }]);
  });

  it('keeps a shorter fence that stands in a block', () => {
    expect(read('````ts', 'const text = `', '```', '`;', '````')).toEqual([{ line: 2, code: 'const text = `\n```\n`;\n', run: true }]);
  });

  it('closes a fence of tildes with tildes only', () => {
    expect(read('~~~ts', '// ```', '```', '~~~')).toEqual([{ line: 2, code: '// ```\n```\n', run: true }]);
  });

  it('does not close on a fence with a language', () => {
    expect(read('```ts', '```js', '```')).toEqual([{ line: 2, code: '```js\n', run: true }]);
  });

  it('takes a line of code spans for what it is', () => {
    expect(read('```ts``` is a span', '```ts', 'one();', '```')).toEqual([{ line: 3, code: 'one();\n', run: true }]);
  });

  it('drops the indentation of the fence, and no more', () => {
    expect(read('- item', '  ```ts', '  if (a) {', '    b();', ' c();', '  }', '  ```')).toEqual([
      { line: 3, code: 'if (a) {\n  b();\nc();\n}\n', run: true },
    ]);
  });

  it('reads CRLF as one end of line', () => {
    expect(markdownBlocks('page.md', '# Title\r\n```ts\r\none();\r\ntwo();\r\n```\r\n')).toEqual([
      { file: 'page.md', line: 3, code: 'one();\ntwo();\n', run: true },
    ]);
  });
});
