import { describe, expect, it } from 'vitest';
import { countTests, notRunLines, type TestCounts } from './test-counts.ts';

const counts: TestCounts = { passed: 5, failed: 0, unhandled: 0, skipped: 0, missing: [] };
const mysql = { kind: 'mysql', title: 'MySQL', reason: 'no mysqld on this machine', command: 'npm run servers:mysql', optional: true, tests: 3 } as const;

describe('countTests', () => {
  it('takes over the counts of a run that passed', () => expect(countTests(counts, true)).toEqual({ passed: 5, failed: 0 }));
  it('counts each failure and each error that no test caught', () =>
    expect(countTests({ ...counts, failed: 2, unhandled: 1 }, false)).toEqual({ passed: 5, failed: 3 }));
  it('counts a run that crashed as one failure', () => expect(countTests(undefined, false)).toEqual({ passed: 0, failed: 1 }));
  it('counts a run without a test as one failure', () => expect(countTests({ ...counts, passed: 0 }, true)).toEqual({ passed: 0, failed: 1 }));
  it('counts a run that failed for no reason it told as one failure', () => expect(countTests(counts, false)).toEqual({ passed: 5, failed: 1 }));
});

describe('notRunLines', () => {
  it('says nothing where all was run', () => expect(notRunLines(counts)).toEqual([]));
  it('names each missing server, how many tests it cost, and what to do', () =>
    expect(notRunLines({ ...counts, skipped: 3, missing: [mysql] })).toEqual([
      'NOT RUN: MySQL (3 tests): no mysqld on this machine. To mend it: npm run servers:mysql',
    ]));
  it('counts tests that were skipped for another reason', () =>
    expect(notRunLines({ ...counts, skipped: 4, missing: [mysql] }).at(-1)).toBe('NOT RUN: 1 skipped test'));
});
