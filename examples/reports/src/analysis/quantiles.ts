import { type Quantiles } from './csv-report.ts';

/** A quantile of ascending values by linear interpolation: type 7 of Hyndman and Fan (1996). */
export function quantile(sorted: Float64Array, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? 0;
  const share = position - below;
  const gap = high - low;
  // Written so that equal neighbours give exactly their value, and huge ones don't overflow.
  return Number.isFinite(gap) ? low + gap * share : low * (1 - share) + high * share;
}

/** The quantiles that a report shows. */
export function quantilesOf(sorted: Float64Array): Quantiles {
  return {
    p5: quantile(sorted, 0.05),
    p25: quantile(sorted, 0.25),
    p50: quantile(sorted, 0.5),
    p75: quantile(sorted, 0.75),
    p95: quantile(sorted, 0.95),
  };
}
