/** Runs the benchmarks: `npm run bench -- [core|tasks|sql|redis|http|schedules] [--only text] [--quick] [--rounds N] [--json file]`. */
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyBuilt, ensureBuilt } from './harness/built-packages.ts';
import { bundleSize } from './harness/bundle-size.ts';
import { type Compiled, compile } from './harness/compile.ts';
import { type GroupResult, isBroken } from './harness/group-result.ts';
import { toJson } from './harness/json-report.ts';
import { describeMachine, load } from './harness/machine.ts';
import { type BenchArguments, readArguments } from './harness/read-arguments.ts';
import { reportGroup } from './harness/report-group.ts';
import type { Group } from './harness/row.ts';
import { type RowResult, runRow } from './harness/run-row.ts';
import { groups } from './rows/groups.ts';

const FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const ROOT = resolve(FOLDER, '..');
const MEASURED_PACKAGES = ['core', 'sql-adapter'];

const say = (line: string): void => console.log(line);
/** One line that is written over on a terminal, and lines of their own elsewhere. */
const sayProgress = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
  else if (line !== '') process.stderr.write(`${line}\n`);
};

/** The built packages and the compiled contenders, as they stand now. */
async function freeze(): Promise<Compiled> {
  ensureBuilt(ROOT, MEASURED_PACKAGES, say);
  const compiled = await compile(FOLDER);
  copyBuilt(ROOT, MEASURED_PACKAGES, compiled.folder);
  return compiled;
}

async function runGroup(group: Group, compiled: Compiled, { rounds, quick }: BenchArguments): Promise<GroupResult> {
  const rows: RowResult[] = [];
  for (const row of group.rows) {
    sayProgress(`${group.name}: ${row.name} …`);
    rows.push(await runRow(row, compiled, { rounds, quick }));
  }
  sayProgress('');
  const sizes = await Promise.all((group.sizes ?? []).map((row) => bundleSize(row, compiled.folder)));
  return { group, rows, sizes };
}

const hasRows = ({ rows }: Group): boolean => rows.length > 0;

async function runGroups(chosen: readonly Group[], options: BenchArguments): Promise<GroupResult[]> {
  const results: GroupResult[] = [];
  using compiled = chosen.some(hasRows) ? await freeze() : undefined;
  for (const group of chosen) {
    if (compiled !== undefined && hasRows(group)) {
      const result = await runGroup(group, compiled, options);
      results.push(result);
      reportGroup(group, result.rows, result.sizes).forEach(say);
      say('');
    } else if (options.only === undefined) say(`${group.name}: no rows yet`);
  }
  return results;
}

function pickRows(group: Group, only: string | undefined): Group {
  if (only === undefined) return group;
  return { name: group.name, rows: group.rows.filter(({ name }) => name.includes(only)) };
}

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), groups.map(({ name }) => name));
  const chosen = groups.filter(({ name }) => options.groups.includes(name)).map((group) => pickRows(group, options.only));
  if (options.only !== undefined && !chosen.some(hasRows)) throw new Error(`no row has '${options.only}' in its name`);
  const before = load();
  const results = await runGroups(chosen, options);
  const machine = results.length > 0 ? describeMachine(before, load()) : [];
  if (options.quick && results.length > 0) say('quick: a tenth of the work; it shows that everything runs, not how fast');
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
