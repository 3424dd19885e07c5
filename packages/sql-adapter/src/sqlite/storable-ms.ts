/** The furthest instant that JavaScript's dates know; larger ones are stored as this one. */
const LAST_INSTANT_MS = 8.64e15;

/** An instant or a length of time that SQLite holds exactly. */
export function storableMs(ms: number): number {
  return Math.min(ms, LAST_INSTANT_MS);
}
