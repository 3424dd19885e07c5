import type { Row } from '../harness/row.ts';

function sqliteRow(phase: 'add' | 'drain', synchronous: 'full' | 'normal'): Row {
  const parameters = { phase, synchronous, batch: 1_000, concurrency: 50 };
  const what = phase === 'add' ? 'add, 1,000 per call' : 'drain, 50 at once';
  return {
    name: `SQLite, ${what}, synchronous=${synchronous}`,
    ops: 20_000,
    contenders: {
      tunic: { module: 'sqlite-queue/tunic', parameters },
      'bare statements': { module: 'sqlite-queue/bare', parameters, floor: true },
    },
    budgets: [{ against: 'bare statements', measure: 'rate', limit: 0.4 }],
  };
}

/** Tasks on SQLite. */
export const sqlRows: readonly Row[] = [
  sqliteRow('add', 'full'),
  sqliteRow('add', 'normal'),
  sqliteRow('drain', 'full'),
  sqliteRow('drain', 'normal'),
];
