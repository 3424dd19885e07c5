import { BEST_PEER, type Row } from '../harness/row.ts';

function memoryRow(name: string, phase: 'add' | 'drain' | 'whole'): Row {
  const parameters = { phase, batch: 1_000, concurrency: 50 };
  return {
    name,
    ops: 20_000,
    contenders: {
      tunic: { module: 'memory-queue/tunic', parameters },
      'p-queue': { module: 'memory-queue/p-queue', parameters },
    },
    budgets: phase === 'drain' ? [{ against: BEST_PEER, measure: 'rate', limit: 3 }] : [],
  };
}

/** Tasks on the memory store. */
export const tasksRows: readonly Row[] = [
  memoryRow('memory store, add 20k', 'add'),
  memoryRow('memory store, drain 20k, 50 at once', 'drain'),
  memoryRow('memory store, add and drain 20k', 'whole'),
];
