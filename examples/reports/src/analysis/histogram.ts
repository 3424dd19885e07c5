import { type Histogram } from './csv-report.ts';

const BINS = 20;

function edgesOf(min: number, max: number, integers: boolean): number[] {
  if (min === max) return [min, max];
  // Few whole numbers get a bin each: twenty bins would show gaps that aren't there.
  if (integers && max - min < BINS) return Array.from({ length: max - min + 2 }, (_, i) => min + i);
  const edges = [min];
  for (let i = 1; i < BINS; i++) {
    const edge = min * (1 - i / BINS) + max * (i / BINS);
    // Between neighbouring doubles rounding would make the edges go back and forth.
    edges.push(Math.min(max, Math.max(edge, edges[i - 1] ?? min)));
  }
  edges.push(max);
  return edges;
}

/** Counts ascending values in up to 20 bins of equal width; whole numbers that span less get one bin each. */
export function histogramOf(sorted: Float64Array, integers: boolean): Histogram {
  const edges = edgesOf(sorted[0] ?? 0, sorted[sorted.length - 1] ?? 0, integers);
  const counts = new Array<number>(edges.length - 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < counts.length - 1 && value >= (edges[bin + 1] ?? Infinity)) bin++;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges, counts };
}
