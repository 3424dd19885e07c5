/** What one measured process runs. A load makes it out of a library's adapter; its `check` proves that the work was done. */
export interface Contender {
  /** Makes ready for the next `run`, outside the measured time. */
  prepare?(ops: number): void | Promise<void>;
  /** Does the work `ops` times. */
  run(ops: number): void | Promise<void>;
  /** Throws unless the last `run` did all that it claims. */
  check(): void | Promise<void>;
  /** Gives up what it still holds. */
  close?(): void | Promise<void>;
}

/** Parameters that a row hands to a contender: plain JSON, as they travel to another process. */
export type Parameters = Readonly<Record<string, string | number>>;

/** What a contender's module exports as `setup`. */
export type Setup = (parameters: never) => Contender | Promise<Contender>;

/** Fails a check unless the condition holds. */
export function prove(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`the work was not done: ${claim}`);
}
