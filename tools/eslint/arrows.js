/**
 * The arrows of the architecture: who may import whom. A file of core belongs to the tier of its folder; a tier imports
 * itself and the tiers before it. A package imports itself and those listed for it.
 */
const CORE_TIERS = [
  ['time', 'errors', 'logging', 'internal', 'collections'],
  ['compose', 'context', 'resilience', 'limits', 'lifecycle'],
  ['tasks', 'schedule'],
  ['testing'],
];
const PACKAGES = { core: [], 'node-http': ['core'], 'redis-adapter': ['core'], 'sql-adapter': ['core'] };

function place(file) {
  const match = /\/packages\/([^/]+)\/src\/(?:([^/]+)\/)?[^/]+/.exec(file);
  return match === null ? undefined : { package: match[1], folder: match[2] };
}

function tierOf(folder) {
  return CORE_TIERS.findIndex((tier) => tier.includes(folder));
}

/** Why `from` may not import `specifier`, or undefined where it may. */
export function forbiddenImport(from, specifier) {
  const source = place(from);
  if (source === undefined) return undefined;
  const target = /^@tunic\/([^/]+)/.exec(specifier);
  if (target !== null)
    return PACKAGES[source.package]?.includes(target[1])
      ? undefined
      : `${source.package} must not import ${specifier}: adapters import core, and nothing else of the SDK`;
  if (source.package === 'core' && !specifier.startsWith('.') && specifier !== '#context-storage') {
    const platform = source.folder === 'context' && from.includes('/storage/') && specifier === 'node:async_hooks';
    return platform ? undefined : `core must not import ${specifier}: it has no dependency, and no node: module but behind its import map`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const resolved = place(new URL(specifier, `file://${from}`).pathname);
  if (resolved === undefined || resolved.package !== source.package) return `${specifier} leaves the package`;
  if (source.package !== 'core' || source.folder === undefined) return undefined;
  if (resolved.folder === undefined) return 'the index is for users; inside the package import the module itself';
  const [own, other] = [tierOf(source.folder), tierOf(resolved.folder)];
  if (own < 0 || other < 0) return `the folder ${own < 0 ? source.folder : resolved.folder} has no tier in tools/eslint/arrows.js`;
  return other <= own ? undefined : `${source.folder} must not import ${resolved.folder}: that arrow points the other way`;
}

/** ESLint rule on {@link forbiddenImport}. */
export const arrows = {
  meta: { type: 'problem', schema: [], messages: { forbidden: '{{reason}}' } },
  create(context) {
    const check = (node) => {
      if (!node.source || typeof node.source.value !== 'string') return;
      const reason = forbiddenImport(context.filename.replaceAll('\\', '/'), node.source.value);
      if (reason !== undefined) context.report({ node, messageId: 'forbidden', data: { reason } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};
