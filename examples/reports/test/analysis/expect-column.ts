import { expect } from 'vitest';
import { type ColumnReport } from '../../src/analysis/csv-report.ts';
import { naiveDeviation, naiveMean, naiveQuantile, type NaiveColumn } from './naive-report.ts';

/** Equal but for rounding, which grows with the size of the values. */
function expectNear(actual: number | null | undefined, expected: number, size: number, what: string): void {
  expect(actual, what).toBeTypeOf('number');
  expect(Math.abs((actual ?? NaN) - expected), `${what}: ${actual} is not ${expected}`).toBeLessThanOrEqual(1e-9 * size);
}

function expectHistogram(actual: ColumnReport, numbers: readonly number[]): void {
  const { edges, counts } = actual.histogram ?? { edges: [], counts: [] };
  const last = counts.length - 1;
  expect(edges).toHaveLength(counts.length + 1);
  expect(edges[0]).toBe(actual.min);
  counts.forEach((count, bin) => {
    const [low, high] = [edges[bin] ?? NaN, edges[bin + 1] ?? NaN];
    expect(count).toBe(numbers.filter((value) => value >= low && (value < high || (bin === last && value <= high))).length);
  });
}

function expectNumbers(actual: ColumnReport, numbers: readonly number[]): void {
  const size = Math.max(...numbers.map(Math.abs), Number.MIN_VALUE / 1e-9);
  expectNear(actual.mean, naiveMean(numbers), size, 'mean');
  if (numbers.length < 2) expect(actual.standardDeviation).toBeNull();
  // The squares of differences below 1e-150 underflow, in either computation.
  else expectNear(actual.standardDeviation, naiveDeviation(numbers), Math.max(size, 1e-140), 'standard deviation');
  const quantiles = { p5: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95 } as const;
  for (const [name, p] of Object.entries(quantiles)) {
    expectNear(actual.quantiles?.[name as keyof typeof quantiles], naiveQuantile(numbers, p), size, name);
  }
  expect(actual.approximate).toBe(false);
  expectHistogram(actual, numbers);
}

/** Checks every figure of a column. */
export function expectColumn(actual: ColumnReport | undefined, expected: NaiveColumn, maxDistinct = 10_000): void {
  if (actual === undefined) throw new Error(`no column ${expected.name}`);
  const { type, count, missing, min, max } = expected;
  expect(actual).toMatchObject({ type, count, missing, min, max });
  expect(actual.distinct).toBe(Math.min(expected.distinct, maxDistinct));
  expect(actual.distinctExact).toBe(expected.distinct <= maxDistinct);
  if (actual.distinctExact) expect(actual.top).toEqual(expected.top);
  if (expected.numbers.length > 0) expectNumbers(actual, expected.numbers);
  else expect(actual).toMatchObject({ mean: null, standardDeviation: null, quantiles: null, histogram: null });
}
