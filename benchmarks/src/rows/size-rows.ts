import type { SizeRow } from '../harness/row.ts';

const PRIMITIVE_LIMIT = 1_200;
const PRIMITIVES = [
  'retry',
  'timeout',
  'createSemaphore',
  'createPriorityQueue',
  'createContextKey',
  'createBackground',
  'createIdempotency',
  'createLifespan',
];
const PEERS = ['koa-compose', 'p-retry', 'p-timeout', '@henrygd/semaphore', 'p-limit', 'tinyqueue', 'p-queue', 'cockatiel'];

function imports(names: readonly string[]): string {
  return `export { ${names.join(', ')} } from '@tunic/core';`;
}

/** What @tunic/core adds to a program, and what its peers add. */
export const sizeRows: readonly SizeRow[] = [
  { name: 'compose', source: imports(['compose']), limit: 500 },
  ...PRIMITIVES.map((name) => ({ name, source: imports([name]), limit: PRIMITIVE_LIMIT })),
  { name: 'compose and all of these', source: imports(['compose', ...PRIMITIVES]), limit: 10_000 },
  { name: '@tunic/core, whole', source: `export * from '@tunic/core';`, limit: 20_000 },
  ...PEERS.map((name) => ({ name, source: `import * as all from '${name}'; export { all };` })),
];
