import type { GroupResult } from './group-result.ts';
import { judge } from './judge.ts';
import type { BenchArguments } from './read-arguments.ts';

/** All figures of a run, each round included. */
export function toJson({ quick, rounds }: Pick<BenchArguments, 'quick' | 'rounds'>, results: readonly GroupResult[], machine: readonly string[]): string {
  const groups = results.map(({ group, rows, sizes }) => ({
    name: group.name,
    rows: rows.map((result) => ({
      name: result.row.name,
      contenders: Object.fromEntries(result.results),
      errors: Object.fromEntries(result.errors),
      verdicts: judge(result),
    })),
    sizes: sizes.map(({ row, bytes, error }) => ({ name: row.name, limit: row.limit, bytes, error })),
  }));
  return `${JSON.stringify({ quick, rounds, machine, groups }, undefined, 2)}\n`;
}
