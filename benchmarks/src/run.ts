/** Runs the benchmarks: `npm run bench -- [core|tasks|sql|redis|http|schedules] [--quick] [--rounds N] [--json file]`. */
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './harness/built-packages.ts';
import { bundleSize } from './harness/bundle-size.ts';
import { compile } from './harness/compile.ts';
import { toJson } from './harness/json-report.ts';
import { describeMachine, load } from './harness/machine.ts';
import { type BenchArguments, readArguments } from './harness/read-arguments.ts';
import { reportGroup } from './harness/report-group.ts';
import type { Group } from './harness/row.ts';
import { type RowResult, runRow } from './harness/run-row.ts';
import { type GroupResult, isBroken } from './harness/group-result.ts';
import { groups } from './rows/groups.ts';

const FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const MEASURED_PACKAGES = ['core', 'sql-adapter'];

const say = (line: string): void => console.log(line);
const sayProgress = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
};

async function runGroup(group: Group, { rounds, quick }: BenchArguments): Promise<GroupResult> {
  const compiled = await compile(FOLDER);
  const rows: RowResult[] = [];
  for (const row of group.rows) {
    sayProgress(`${group.name}: ${row.name} …`);
    rows.push(await runRow(row, compiled, { rounds, quick }));
  }
  sayProgress('');
  const sizes = await Promise.all((group.sizes ?? []).map((row) => bundleSize(row, FOLDER)));
  return { group, rows, sizes };
}

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), groups.map(({ name }) => name));
  const chosen = groups.filter(({ name }) => options.groups.includes(name));
  const before = load();
  if (chosen.some(({ rows }) => rows.length > 0)) ensureBuilt(resolve(FOLDER, '..'), MEASURED_PACKAGES, say);
  const results: GroupResult[] = [];
  for (const group of chosen) {
    const result = await runGroup(group, options);
    results.push(result);
    for (const line of [...reportGroup(group, result.rows, result.sizes), '']) say(line);
  }
  if (options.quick) say('quick: a tenth of the work; it shows that everything runs, not how fast');
  const machine = describeMachine(before, load());
  machine.forEach(say);
  if (options.json !== undefined) writeFileSync(options.json, toJson(options, results, machine));
  if (results.some(isBroken)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
