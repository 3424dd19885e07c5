import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeBlock } from './code-block.ts';
import { exampleBlocks } from './example-blocks.ts';
import { markdownBlocks } from './markdown-blocks.ts';

/** Every block of the README files, of the guide in docs/ and of the packages' docstrings, in the order of their files. */
export function findBlocks(root: string): CodeBlock[] {
  const packages = folders(root, 'packages');
  const pages = ['README.md', ...files(root, 'docs', '.md'), ...packages.map((folder) => `${folder}/README.md`)];
  const sources = packages.flatMap((folder) => files(root, `${folder}/src`, '.ts'));
  return [
    ...pages.filter((file) => existsSync(join(root, file))).flatMap((file) => markdownBlocks(file, read(root, file))),
    ...sources.flatMap((file) => exampleBlocks(file, read(root, file))),
  ];
}

/** The folders directly in a folder, as paths from the root. */
export function folders(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${folder}/${entry.name}`).sort();
}

/** The files of a kind anywhere in a folder, as paths from the root. */
export function files(root: string, folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  return paths.filter((path) => path.endsWith(ending) && !/(^|\/)node_modules\//.test(path)).map((path) => `${folder}/${path}`).sort();
}

function read(root: string, file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
