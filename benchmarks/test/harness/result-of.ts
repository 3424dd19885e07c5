import type { Row } from '../../src/harness/row.ts';
import type { ContenderResult, RowResult } from '../../src/harness/run-row.ts';

/** The result of a row whose contenders took this much CPU and wall time per operation. */
export function resultOf(row: Row, times: Record<string, readonly [cpuNs: number, wallNs: number]>): RowResult {
  const results = Object.entries(times).map(
    ([name, [cpuNs, wallNs]]): [string, ContenderResult] => [name, { rounds: [{ cpuNs, wallNs }], cpuNs, wallNs, deviation: 0.02 }],
  );
  return { row, results: new Map(results), errors: new Map() };
}
