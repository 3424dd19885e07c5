import type { Options } from 'tsup';

/** How every package is built: ESM and CommonJS, with types for both. */
export function packageBuild(entry: Record<string, string>): Options {
  return {
    entry,
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    external: [/^node:/, /^#/],
    clean: true,
    treeshake: true,
    // tsup's declaration build sets baseUrl, which TypeScript 6 reports as deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] } },
  };
}
