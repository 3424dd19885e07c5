import { writeFileSync } from 'node:fs';
import { type Reporter, type TestCase, type TestModule, type Vitest } from 'vitest/node';
import { NOT_RUN } from '../servers/not-run.ts';
import '../servers/provided-servers.ts';
import { type TestCounts } from './test-counts.ts';

/** The variable that names the file to write. */
export const COUNTS_FILE = 'TUNIC_TEST_COUNTS';

function brokenGroups(module: TestModule): number {
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0).length;
  return suites + (module.errors().length > 0 ? 1 : 0);
}

function count(tests: readonly TestCase[], state: 'passed' | 'failed' | 'skipped' | 'pending'): number {
  return tests.filter((test) => test.result().state === state).length;
}

/** Writes the counts of a run to a file. */
export default class CountReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const file = process.env[COUNTS_FILE];
    if (file === undefined) return;
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const broken = modules.reduce((sum, module) => sum + brokenGroups(module), 0);
    const missing = this.#vitest?.getRootProject().getProvidedContext().servers.missing ?? [];
    const counts: TestCounts = {
      passed: count(tests, 'passed'),
      failed: count(tests, 'failed') + count(tests, 'pending') + broken,
      unhandled: unhandled.length,
      skipped: count(tests, 'skipped'),
      missing: missing.map((server) => ({ ...server, tests: tests.filter((test) => test.fullName.includes(`${NOT_RUN} ${server.kind} > `)).length })),
    };
    writeFileSync(file, JSON.stringify(counts));
  }
}
