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
      'semaphore: the peers have no abort of one waiter, no priority, time limit or weight; async-sema takes a release too many for a new permit.',
      'retry: retry(operation) and pRetry(operation) with their defaults, a policy of cockatiel made once; in the second row the options are given with every call, where Tunic checks them and p-retry copies them.',
      'timeout: opossum’s is part of a circuit breaker, with its counters (percentiles off); p-timeout makes an Error and cockatiel an AbortController with every call.',
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
