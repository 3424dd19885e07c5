/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('no median of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The median distance from the median, as a share of it: how far a single round lies off. */
export function relativeDeviation(values: readonly number[]): number {
  const centre = median(values);
  return centre === 0 ? 0 : median(values.map((value) => Math.abs(value - centre))) / centre;
}

/** The values in random order (Fisher and Yates). */
export function shuffle<T>(values: readonly T[], random: () => number): T[] {
  const rest = values.slice();
  const shuffled: T[] = [];
  while (rest.length > 0) shuffled.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return shuffled;
}
