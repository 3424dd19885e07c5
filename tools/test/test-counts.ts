import { type MissingServer } from '../servers/server-kind.ts';

/** What a run of the tests came to. */
export interface TestCounts {
  readonly passed: number;
  /** Tests that failed, and groups and files that broke. */
  readonly failed: number;
  /** Errors that no test caught. */
  readonly unhandled: number;
  readonly skipped: number;
  /** Servers that could not be had, with how many tests were not run for want of them. */
  readonly missing: readonly (MissingServer & { readonly tests: number })[];
}

/** The passes and failures that the test run adds to the total; a run that broke or tested nothing has failed. */
export function countTests(counts: TestCounts | undefined, ok: boolean): { passed: number; failed: number } {
  if (counts === undefined) return { passed: 0, failed: 1 };
  const failed = counts.failed + counts.unhandled;
  const unexplained = failed === 0 && (!ok || counts.passed === 0) ? 1 : 0;
  return { passed: counts.passed, failed: failed + unexplained };
}

/** One line for everything that was left out. */
export function notRunLines(counts: TestCounts | undefined): string[] {
  if (counts === undefined) return [];
  const servers = counts.missing.map(
    ({ title, tests, reason, command }) => `NOT RUN: ${title} (${tests} ${tests === 1 ? 'test' : 'tests'}): ${reason}. To mend it: ${command}`,
  );
  const others = counts.skipped - counts.missing.reduce((sum, { tests }) => sum + tests, 0);
  return others > 0 ? [...servers, `NOT RUN: ${others} skipped ${others === 1 ? 'test' : 'tests'}`] : servers;
}
