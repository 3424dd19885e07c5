/** The whole check: types, lint, build, packages, servers and all tests. Arguments: `--allow-missing`, and filters for the tests. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALLOW_MISSING } from '../servers/find-servers.ts';
import { COUNTS_FILE } from './count-reporter.ts';
import { endSteps, runStep, type Step, type StepResult } from './run-step.ts';
import { countTests, notRunLines, type TestCounts } from './test-counts.ts';

const args = process.argv.slice(2);
const filters = args.filter((arg) => arg !== '--allow-missing');
if (args.includes('--allow-missing')) process.env[ALLOW_MISSING] = '1';

const script = (name: string): Step => ({ name, command: 'npm', args: ['run', '--silent', name] });
const tool = (name: string, path: string): Step => ({
  name,
  command: process.execPath,
  args: ['--import', 'tsx', '--conditions=@tunic/source', path],
});

/** Each lane runs its steps one after the other; the lanes run side by side. The later ones of a lane need those before. */
const lanes: readonly (readonly Step[])[] = [
  [script('lint')],
  [script('build'), tool('packages', 'tools/test/packages.ts'), script('typecheck'), ...(filters.length === 0 ? [tool('servers', 'tools/servers/prepare.ts')] : [])],
];

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function tell({ name, ok, durationMs, output }: StepResult): void {
  console.log(`${ok ? '✓' : '✗'} ${name} ${seconds(durationMs)}`);
  if (!ok) console.log(output);
}

async function runLane(lane: readonly Step[]): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of lane) {
    const result = await runStep(step);
    tell(result);
    results.push(result);
  }
  return results;
}

/** A folder that goes when this process does. */
function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tunic-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function runTests(): Promise<{ ok: boolean; counts: TestCounts | undefined }> {
  const file = join(scratch(), 'counts.json');
  const reporters = ['--reporter=default', '--reporter=./tools/test/count-reporter.ts'];
  const command = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...filters];
  const { ok } = await runStep({ name: 'tests', command: process.execPath, args: command, environment: { [COUNTS_FILE]: file } }, 'stream');
  return { ok, counts: existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TestCounts) : undefined };
}

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const)
  process.once(signal, () => void endSteps().finally(() => process.exit(code)));

const steps = (await Promise.all(lanes.map(runLane))).flat();
const { ok, counts } = await runTests();
const tests = countTests(counts, ok);
const passed = steps.filter((step) => step.ok).length + tests.passed;
const failed = steps.filter((step) => !step.ok).length + tests.failed;
for (const step of steps.filter((candidate) => !candidate.ok)) console.log(`FAILED: ${step.name}`);
for (const line of notRunLines(counts)) console.log(line);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
