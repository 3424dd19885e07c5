import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CodeBlock, placeOf } from './code-block.ts';
import { findBlocks } from './find-blocks.ts';
import { runBlock } from './run-block.ts';
import { typeCheck } from './type-check.ts';
import { type WorkspaceCopy, copyWorkspace } from './workspace-copy.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const blocks = findBlocks(root);
let errors: Map<CodeBlock, string[]>;
let copy: WorkspaceCopy;

beforeAll(() => {
  copy = copyWorkspace(root);
  errors = typeCheck(root, blocks);
}, 120_000);

afterAll(() => copy[Symbol.dispose]());

describe.concurrent('the code of the documentation', () => {
  it.each(blocks.map((block) => [placeOf(block), block] as const))('%s', async (_place, block) => {
    expect(errors.get(block)).toEqual([]);
    if (block.run) await runBlock(copy, root, block);
  });
});
