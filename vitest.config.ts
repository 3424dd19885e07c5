import type { ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = {
  resolve: { conditions: ['@tunic/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@tunic/source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'tools/**/*.test.ts', 'docs/**/*.test.ts', 'benchmarks/**/*.test.ts'],
    testTimeout: 30_000,
  },
};

export default config;
