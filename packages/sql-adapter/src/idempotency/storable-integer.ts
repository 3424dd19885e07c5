/** The largest length of time that still leaves room to add it to an instant. */
const LONGEST_MS = 4e15;

/** A length of time as a whole number of milliseconds, rounded up: nothing ends early. */
export function storableInteger(ms: number): number {
  return Math.min(Math.ceil(ms), LONGEST_MS);
}
