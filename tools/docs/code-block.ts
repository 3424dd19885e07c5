/** A fenced `ts` block of the documentation. */
export interface CodeBlock {
  /** Path from the root of the repository. */
  file: string;
  /** Line of the file on which the code begins, from 1. */
  line: number;
  code: string;
  /** `false`: marked `no-run`, so it is type-checked only. */
  run: boolean;
}

/** Where to look when a block fails. */
export function placeOf(block: CodeBlock): string {
  return `${block.file}:${block.line}`;
}

/** The code with as many empty lines before it as the file has, so that every report names the file's own lines. */
export function paddedCode(block: CodeBlock): string {
  return '\n'.repeat(block.line - 1) + block.code;
}
