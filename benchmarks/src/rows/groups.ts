import type { Group } from '../harness/row.ts';
import { coreRows } from './core-rows.ts';
import { sizeRows } from './size-rows.ts';
import { sqlRows } from './sql-rows.ts';
import { tasksRows } from './tasks-rows.ts';

/** All groups, in the order in which they run. */
export const groups: readonly Group[] = [
  {
    name: 'core',
    rows: coreRows,
    sizes: sizeRows,
    notes: [
      'compose: koa-compose forgets a second next() whose promise nobody looks at; Tunic reports it. Bare calls have no such guard.',
      'semaphore: @henrygd/semaphore, async-sema and p-limit have no abort, priority, time limit or weights; the first two count a release too many as a permit.',
      'retry: retry(operation) and pRetry(operation) with their defaults, a policy of cockatiel made once; in the second row the options are given with every call, where Tunic checks them and p-retry copies them.',
      'timeout: opossum has no signal for its operation; p-timeout and cockatiel make an Error or an AbortController with every call.',
      'priority queue: tinyqueue, heap-js and flatqueue are unstable (ties leave in any order) and have no handles; flatqueue takes numeric priorities only and no comparator.',
    ],
  },
  {
    name: 'tasks',
    rows: tasksRows,
    notes: [
      'p-queue calls closures and keeps nothing; Tunic stores inputs as JSON, with ids, leases, fences, retries and ended tasks kept for a day.',
    ],
  },
  {
    name: 'sql',
    rows: sqlRows,
    notes: [
      'bare statements: one table and one index, the same driver, pragmas and transaction sizes (1,000 per add, 50 per claim and per settlement); no ids of the caller’s, leases, fences, retries, results or schedule.',
      'with synchronous=full the disk decides: look at CPU beside it.',
    ],
  },
  { name: 'redis', rows: [] },
  { name: 'http', rows: [] },
  { name: 'schedules', rows: [] },
];
