import type { ViteUserConfig } from 'vitest/config';

// Not 'import': Node is given these too, and would hand ES modules to the require() of a dependency.
const CONDITIONS = ['@tunic/source', 'node'];

const config: ViteUserConfig = {
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'tools/**/*.test.ts', 'docs/**/*.test.ts', 'benchmarks/**/*.test.ts'],
    testTimeout: 30_000,
    globalSetup: ['tools/servers/global-setup.ts'],
  },
};

export default config;
