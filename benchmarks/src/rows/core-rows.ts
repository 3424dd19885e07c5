import { BEST_PEER, type Row } from '../harness/row.ts';

const composeRows: Row[] = (['sync', 'async'] as const).flatMap((layers) =>
  [5, 20].map((depth): Row => {
    const parameters = { depth, layers };
    return {
      name: `compose, ${depth} ${layers} layers`,
      ops: (layers === 'sync' ? 15_000_000 : 6_000_000) / depth,
      contenders: {
        tunic: { module: 'compose/tunic', parameters },
        'koa-compose': { module: 'compose/koa', parameters },
        bare: { module: 'compose/bare', parameters, floor: true },
      },
      budgets: [
        { against: 'koa-compose', measure: 'cpu', limit: 0.9 },
        // Synchronous calls by hand have no promise in them at all: only the async ones are a floor.
        ...(layers === 'async' ? [{ against: 'bare', measure: 'cpu', limit: 1.15 } as const] : []),
      ],
    };
  }),
);

const lockRow: Row = {
  name: 'semaphore, acquire and release',
  ops: 5_000_000,
  contenders: {
    tunic: { module: 'lock/tunic' },
    '@henrygd/semaphore': { module: 'lock/henrygd' },
    'async-sema': { module: 'lock/async-sema' },
  },
  budgets: [{ against: BEST_PEER, measure: 'cpu', limit: 1 }],
};

function crowdRow(crowd: number, permits: number): Row {
  const parameters = { crowd, permits };
  return {
    name: crowd === 1 ? 'semaphore, run, nobody waits' : `semaphore, run, ${crowd / 1000}k wait, ${permits} permits`,
    ops: crowd === 1 ? 2_000_000 : 1_000_000,
    batch: crowd,
    contenders: {
      tunic: { module: 'crowd/tunic', parameters },
      '@henrygd/semaphore': { module: 'crowd/henrygd', parameters },
      'async-sema': { module: 'crowd/async-sema', parameters },
      'p-limit': { module: 'crowd/p-limit', parameters },
      bare: { module: 'crowd/bare', parameters, floor: true },
    },
    budgets: [{ against: BEST_PEER, measure: 'cpu', limit: 1 }],
  };
}

const MILLION = { crowd: 1_000_000, permits: 10 };
const HUNDRED_THOUSAND = { crowd: 100_000, permits: 10 };

const linearRow: Row = {
  name: 'semaphore, run, 1000k wait: linear',
  ops: 1_000_000,
  batch: 1_000_000,
  contenders: {
    tunic: { module: 'crowd/tunic', parameters: MILLION },
    'tunic, 100k wait': { module: 'crowd/tunic', parameters: HUNDRED_THOUSAND, floor: true },
    '@henrygd/semaphore': { module: 'crowd/henrygd', parameters: MILLION },
    'async-sema': { module: 'crowd/async-sema', parameters: MILLION },
    bare: { module: 'crowd/bare', parameters: MILLION, floor: true },
  },
  // Ten times the crowd would cost ten times as much per operation if anything in it were quadratic; the collector's
  // share grows for everybody.
  budgets: [{ against: 'tunic, 100k wait', measure: 'cpu', limit: 2 }],
};

const retryRow: Row = {
  name: 'retry, nothing fails',
  ops: 2_000_000,
  contenders: {
    tunic: { module: 'retry/tunic' },
    cockatiel: { module: 'retry/cockatiel' },
    'p-retry': { module: 'retry/p-retry' },
    bare: { module: 'retry/bare', floor: true },
  },
  budgets: [{ against: BEST_PEER, measure: 'cpu', limit: 0.95 }],
};

const retryOptionsRow: Row = {
  name: 'retry, options with each call',
  ops: 2_000_000,
  contenders: { tunic: { module: 'retry/tunic-options' }, 'p-retry': { module: 'retry/p-retry-options', ops: 100_000 } },
  budgets: [],
};

const timeoutRow: Row = {
  name: 'timeout, not reached',
  ops: 500_000,
  contenders: {
    tunic: { module: 'timeout/tunic' },
    opossum: { module: 'timeout/opossum' },
    'p-timeout': { module: 'timeout/p-timeout', ops: 100_000 },
    cockatiel: { module: 'timeout/cockatiel', ops: 50_000 },
    bare: { module: 'timeout/bare', floor: true },
  },
  budgets: [{ against: BEST_PEER, measure: 'cpu', limit: 0.45 }],
};

function heapRow(size: number): Row {
  const parameters = { size };
  return {
    name: `priority queue, push and pop ${size / 1000}k`,
    ops: 1_000_000,
    batch: size,
    contenders: {
      tunic: { module: 'heap/tunic', parameters },
      tinyqueue: { module: 'heap/tinyqueue', parameters },
      'heap-js': { module: 'heap/heap-js', parameters },
      flatqueue: { module: 'heap/flatqueue', parameters },
    },
    budgets: [{ against: 'tinyqueue', measure: 'cpu', limit: 0.6 }],
  };
}

/** The primitives of @tunic/core. */
export const coreRows: readonly Row[] = [
  ...composeRows,
  lockRow,
  crowdRow(1, 1),
  crowdRow(10_000, 10),
  crowdRow(100_000, 10),
  linearRow,
  retryRow,
  retryOptionsRow,
  timeoutRow,
  heapRow(100_000),
  heapRow(1_000_000),
];
