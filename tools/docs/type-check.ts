import { join } from 'node:path';
import ts from 'typescript';
import { type CodeBlock, paddedCode, placeOf } from './code-block.ts';

/** The compiler options of the repository. */
export function compilerOptions(root: string): ts.CompilerOptions {
  const file = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  if (file.error !== undefined) throw new Error(messageOf(file.error));
  return ts.convertCompilerOptionsFromJson((file.config as { compilerOptions: unknown }).compilerOptions, root).options;
}

/**
 * Type-checks all blocks in one program, each as a module of its own, and gives the errors of each. A block may leave a
 * value unused, and needs no types on what it exports.
 */
export function typeCheck(root: string, blocks: readonly CodeBlock[]): Map<CodeBlock, string[]> {
  const options: ts.CompilerOptions = {
    ...compilerOptions(root),
    moduleDetection: ts.ModuleDetectionKind.Force,
    noUnusedLocals: false,
    noUnusedParameters: false,
    isolatedDeclarations: false,
    declaration: false,
  };
  const paths = new Map(blocks.map((block) => [modulePath(root, block), block]));
  const program = ts.createProgram([...paths.keys()], options, hostWith(paths, options));
  return new Map([...paths].map(([path, block]) => [block, errorsOf(program, path, block)]));
}

/** Blocks exist in memory only; beside their file they see the packages that it sees. */
function modulePath(root: string, block: CodeBlock): string {
  return join(root, `${block.file}.${block.line}.mts`);
}

function hostWith(blocks: ReadonlyMap<string, CodeBlock>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const codeOf = (path: string): string | undefined => {
    const block = blocks.get(join(path));
    return block === undefined ? undefined : paddedCode(block);
  };
  return {
    ...host,
    fileExists: (path) => codeOf(path) !== undefined || host.fileExists(path),
    readFile: (path) => codeOf(path) ?? host.readFile(path),
    getSourceFile: (path, version, ...rest) => {
      const code = codeOf(path);
      return code === undefined ? host.getSourceFile(path, version, ...rest) : ts.createSourceFile(path, code, version, true);
    },
  };
}

function errorsOf(program: ts.Program, path: string, block: CodeBlock): string[] {
  const source = program.getSourceFile(path);
  if (source === undefined) return [`${placeOf(block)}: not compiled`];
  const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  return diagnostics.map((diagnostic) => {
    const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return `${block.file}:${line + 1}: ${messageOf(diagnostic)}`;
  });
}

function messageOf(diagnostic: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
}
