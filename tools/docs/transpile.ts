import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  sourceMap: true,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};

/** JavaScript of a TypeScript text, with a map that leads a stack trace back to `origin`. */
export function transpile(code: string, origin: string): string {
  const { outputText, sourceMapText = '{}' } = ts.transpileModule(code, { compilerOptions: OPTIONS, fileName: 'module.ts' });
  const map = { ...(JSON.parse(sourceMapText) as object), sources: [origin], sourceRoot: '' };
  const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
  return outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, `//# sourceMappingURL=${url}\n`);
}
