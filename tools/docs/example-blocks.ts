import ts from 'typescript';
import type { CodeBlock } from './code-block.ts';
import { markdownBlocks } from './markdown-blocks.ts';

/** The `ts` blocks in the JSDoc comments of a source file. */
export function exampleBlocks(file: string, text: string): CodeBlock[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return [...docComments(source)].flatMap((comment) => {
    const above = source.getLineAndCharacterOfPosition(comment.pos).line;
    return blocksOf(file, text.slice(comment.pos, comment.end), above);
  });
}

function blocksOf(file: string, comment: string, above: number): CodeBlock[] {
  const prose = comment.slice('/**'.length, -'*/'.length).split('\n').map(withoutStar).join('\n');
  // The comment is read as if it stood where it stands, so that lines and errors are those of the file.
  return markdownBlocks(file, '\n'.repeat(above) + prose);
}

/** Drops the margin of a comment's line, and the escape that keeps the end of a comment out of it. */
function withoutStar(line: string): string {
  return line.replace(/^\s*\* ?/, '').replaceAll('*\\/', '*/');
}

/** Each comment once: that of `const a = …` belongs to the statement and to the declaration in it. */
function docComments(source: ts.SourceFile): Set<ts.JSDoc> {
  const comments = new Map<number, ts.JSDoc>();
  const visit = (node: ts.Node): void => {
    for (const comment of ts.getJSDocCommentsAndTags(node)) {
      if (ts.isJSDoc(comment)) comments.set(comment.pos, comment);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return new Set(comments.values());
}
