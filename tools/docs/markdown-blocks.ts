import type { CodeBlock } from './code-block.ts';

interface Fence {
  indent: number;
  marker: string;
  info: string;
}

/** A fence may be indented at will: a block in a list stands as deep as the list. */
const FENCE = /^([ \t]*)(`{3,}|~{3,})(.*)$/;

/** The `ts` blocks of a Markdown text, as CommonMark reads fences; what is fenced in another language is passed over. */
export function markdownBlocks(file: string, text: string): CodeBlock[] {
  const lines = text.split(/\r?\n/);
  const blocks: CodeBlock[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const fence = openingFence(lines[index] ?? '');
    if (fence === undefined) continue;
    const first = index + 1;
    const length = lines.slice(first).findIndex((line) => closes(line, fence));
    if (length < 0) throw new Error(`${file}:${first}: this fence is never closed`);
    const code = lines.slice(first, first + length).map((line) => dedent(line, fence.indent));
    const run = mode(file, first, fence.info);
    if (run !== undefined) blocks.push({ file, line: first + 1, code: `${code.join('\n')}\n`, run });
    index = first + length;
  }
  return blocks;
}

function openingFence(line: string): Fence | undefined {
  const [, indent = '', marker = '', info = ''] = FENCE.exec(line) ?? [];
  // Backticks further on make it a code span of one line.
  if (marker === '' || (marker.startsWith('`') && info.includes('`'))) return undefined;
  return { indent: indent.length, marker, info: info.trim() };
}

function closes(line: string, opening: Fence): boolean {
  const [, , marker = '', info = ''] = FENCE.exec(line) ?? [];
  return marker.startsWith(opening.marker) && info.trim() === '';
}

function dedent(line: string, width: number): string {
  const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  return line.slice(Math.min(indent, width));
}

/** Whether a block is run; `undefined`: it is not TypeScript. */
function mode(file: string, line: number, info: string): boolean | undefined {
  const [language, ...flags] = info.split(/\s+/);
  if (language !== 'ts') return undefined;
  const unknown = flags.find((flag) => flag !== 'no-run');
  if (unknown !== undefined) throw new Error(`${file}:${line}: a ts block may be marked no-run, not ${unknown}`);
  return flags.length === 0;
}
