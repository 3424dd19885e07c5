import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CodeBlock } from '../code-block.ts';
import { runBlock } from '../run-block.ts';
import { typeCheck } from '../type-check.ts';
import { type WorkspaceCopy, copyWorkspace } from '../workspace-copy.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function block(line: number, ...code: string[]): CodeBlock {
  return { file: 'docs/page.md', line, code: `${code.join('\n')}\n`, run: true };
}

describe('typeCheck', () => {
  it('reports the errors of each block at its place in the file, strictly, and each block in its own scope', () => {
    const good = block(3, "import { toMilliseconds } from '@tunic/core';", 'const ms: number = toMilliseconds(5);');
    const wrong = block(20, 'const ms = 1;', 'const text: string = ms;');
    const loose = block(40, 'function show(value) { return value; }', 'const first: number = [1][0];');
    const broken = block(60, 'const = 1;');
    const errors = typeCheck(root, [good, wrong, loose, broken]);
    expect(errors.get(good)).toEqual([]);
    expect(errors.get(wrong)).toEqual(["docs/page.md:21: Type 'number' is not assignable to type 'string'."]);
    expect(errors.get(loose)).toEqual([
      "docs/page.md:40: Parameter 'value' implicitly has an 'any' type.",
      expect.stringContaining("docs/page.md:41: Type 'number | undefined' is not assignable"),
    ]);
    expect(errors.get(broken)?.[0]).toMatch(/^docs\/page\.md:60: /);
  });
});

describe('runBlock', () => {
  let copy: WorkspaceCopy;
  beforeAll(() => {
    copy = copyWorkspace(root);
  });
  afterAll(() => copy[Symbol.dispose]());

  it('runs a block against the sources of the packages, whose maps lead back to them', async () => {
    const lines = ["import { toMilliseconds } from '@tunic/core';", "if (toMilliseconds('5m') !== 300_000) throw new Error('no');", "toMilliseconds('soon' as '1s');"];
    const failure = runBlock(copy, root, block(3, ...lines));
    await expect(failure).rejects.toThrow(/duration\.ts:\d+/);
    await expect(failure).rejects.toThrow('docs/page.md:5');
    await runBlock(copy, root, block(3, ...lines.slice(0, 2)));
  });

  it('runs each block in an empty folder of its own', async () => {
    const code = ["import { readdirSync, writeFileSync } from 'node:fs';", "if (readdirSync('.').length > 0) throw new Error('not empty');", "writeFileSync('left.txt', '');"];
    await runBlock(copy, root, block(1, ...code));
    await runBlock(copy, root, block(1, ...code));
  });

  it('shows a block nothing of the test runner', async () => {
    await runBlock(copy, root, block(1, "if ('VITEST' in process.env || 'NODE_ENV' in process.env) throw new Error('seen');"));
  });

  it.each([
    ['an error', "throw new Error('broke');", 'docs/page.md:7: ended with code 1'],
    ['a rejection that nobody handles', "void Promise.reject(new Error('broke'));", 'docs/page.md:7: ended with code 1'],
    ['an exit code', 'process.exitCode = 3;', 'docs/page.md:7: ended with code 3'],
    ['a signal', "process.kill(process.pid, 'SIGTERM');\nsetInterval(() => {}, 1000);", 'docs/page.md:7: ended with SIGTERM'],
    ['a promise that never settles', 'await new Promise(() => {});', 'docs/page.md:7: ended with code 13'],
  ])('fails for %s, with file and line', async (_what, code, message) => {
    await expect(runBlock(copy, root, block(7, code))).rejects.toThrow(message);
  });

  it('ends a block that hangs, with file and line', async () => {
    await expect(runBlock(copy, root, block(7, 'for (;;);'), 300)).rejects.toThrow('docs/page.md:7: did not end by itself within 300 ms');
  });
});

describe('copyWorkspace', () => {
  it('leaves no folder behind', () => {
    const place = mkdtempSync(join(tmpdir(), 'tunic-docs-test-'));
    mkdirSync(join(place, 'packages'));
    const copy = copyWorkspace(place);
    expect(existsSync(copy.folder)).toBe(true);
    copy[Symbol.dispose]();
    expect(existsSync(copy.folder)).toBe(false);
    rmSync(place, { recursive: true });
  });
});
