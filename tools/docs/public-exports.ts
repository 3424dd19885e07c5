import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { folders } from './find-blocks.ts';
import { compilerOptions } from './type-check.ts';

/** One name that users may import. */
export interface PublicExport {
  name: string;
  kind: 'class' | 'function' | 'value' | 'interface' | 'type';
  documented: boolean;
}

/** A subpath of a package, such as `@tunic/core/testing`, and what it exports, by name. */
export interface EntryPoint {
  specifier: string;
  exports: PublicExport[];
}

/** A package and its entry points. */
export interface PublicPackage {
  /** Path from the root of the repository. */
  folder: string;
  entries: EntryPoint[];
}

interface Manifest {
  name: string;
  exports: Record<string, string | { '@tunic/source'?: string }>;
}

/** What every package exports, as the compiler sees the sources behind the `exports` of its package.json. */
export function publicPackages(root: string): PublicPackage[] {
  const packages = folders(root, 'packages').map((folder) => ({ folder, sources: entrySources(root, folder) }));
  const paths = packages.flatMap(({ sources }) => sources.map(({ path }) => path));
  const program = ts.createProgram(paths, compilerOptions(root));
  return packages.map(({ folder, sources }) => ({
    folder,
    entries: sources.map(({ specifier, path }) => ({ specifier, exports: exportsOf(program, path) })),
  }));
}

/** The text of a package's `exports.txt`. */
export function exportList(entries: readonly EntryPoint[]): string {
  const sections = entries.map(({ specifier, exports }) => [specifier, ...exports.map(({ name, kind }) => `  ${name} ${kind}`)]);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function entrySources(root: string, folder: string): { specifier: string; path: string }[] {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    const source = typeof target === 'string' ? undefined : target['@tunic/source'];
    if (source === undefined) return [];
    return [{ specifier: `${manifest.name}${subpath.slice(1)}`, path: join(root, folder, source) }];
  });
}

function exportsOf(program: ts.Program, path: string): PublicExport[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
  const exports = symbols.map((symbol) => describe(checker, symbol));
  return exports.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function describe(checker: ts.TypeChecker, exported: ts.Symbol): PublicExport {
  const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
  const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
  return { name: exported.name, kind: kindOf(symbol.flags), documented: symbol.getDocumentationComment(checker).length > 0 };
}

function kindOf(flags: ts.SymbolFlags): PublicExport['kind'] {
  if ((flags & ts.SymbolFlags.Class) !== 0) return 'class';
  if ((flags & ts.SymbolFlags.Function) !== 0) return 'function';
  if ((flags & ts.SymbolFlags.Value) !== 0) return 'value';
  return (flags & ts.SymbolFlags.Interface) !== 0 ? 'interface' : 'type';
}
