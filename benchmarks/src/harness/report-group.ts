import type { SizeResult } from './bundle-size.ts';
import { judge, ratioTo, SUBJECT, type Verdict } from './judge.ts';
import type { Budget, Group } from './row.ts';
import type { ContenderResult, RowResult } from './run-row.ts';
import { alignTable } from './table.ts';

const HEADER = ['row', 'contender', 'CPU ns/op', 'wall ns/op', 'ops/s', '±', 'Tunic ÷ it', 'budget', ''];
const LEFT = [0, 1, 7, 8];

/** The table of a group as lines of text. */
export function reportGroup(group: Group, rows: readonly RowResult[], sizes: readonly SizeResult[]): string[] {
  return [
    group.name,
    '',
    ...alignTable(HEADER, rows.flatMap(rowLines), LEFT),
    ...(sizes.length === 0 ? [] : ['', ...sizeLines(sizes)]),
    ...(group.notes === undefined ? [] : ['', ...group.notes.map((note) => `· ${note}`)]),
    ...rows.flatMap(errorLines),
  ];
}

function rowLines(result: RowResult): string[][] {
  const verdicts = judge(result);
  const names = Object.keys(result.row.contenders);
  const measure = result.row.budgets[0]?.measure ?? 'cpu';
  return names.flatMap((name, index) => {
    const label = index === 0 ? result.row.name : '';
    const measured = result.results.get(name);
    if (measured === undefined) return [[label, name, 'broken']];
    const figures = [label, name, ...figuresOf(measured)];
    const own = verdicts.filter(({ against }) => against === name);
    if (own.length === 0) return [[...figures, name === SUBJECT ? '' : ratioText(ratioTo(result, name, measure), measure)]];
    return own.map((verdict, line) => [...(line === 0 ? figures : Array<string>(figures.length).fill('')), ...verdictCells(verdict)]);
  });
}

function figuresOf({ cpuNs, wallNs, deviation }: ContenderResult): string[] {
  return [figure(cpuNs), figure(wallNs), figure(1e9 / wallNs), `${(deviation * 100).toFixed(0)}%`];
}

function verdictCells({ budget, ratio, met }: Verdict): string[] {
  const limit = budget.measure === 'cpu' ? `≤ ${budget.limit}× CPU` : `≥ ${budget.limit}× ops/s`;
  const whom = budget.against === 'best peer' ? ' of the best peer' : '';
  return [ratioText(ratio, budget.measure), `${limit}${whom}`, met ? '✓' : '✗'];
}

function ratioText(ratio: number | undefined, measure: Budget['measure']): string {
  return ratio === undefined ? '' : `${ratio.toFixed(2)}× ${measure === 'cpu' ? 'CPU' : 'ops/s'}`;
}

function sizeLines(sizes: readonly SizeResult[]): string[] {
  const cells = sizes.map(({ row, bytes, error }) => {
    if (bytes === undefined) return [row.name, 'broken', error ?? ''];
    if (row.limit === undefined) return [row.name, figure(bytes)];
    return [row.name, figure(bytes), `≤ ${figure(row.limit)}`, bytes <= row.limit ? '✓' : '✗'];
  });
  return alignTable(['minified and gzipped', 'bytes', 'budget', ''], cells, [0, 2, 3]);
}

function errorLines({ row, errors }: RowResult): string[] {
  return Array.from(errors, ([name, error]) => `\n${row.name}, ${name}: ${error}`);
}

function figure(value: number): string {
  const digits = value < 10 ? 1 : 0;
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
