import type { Parameters } from './contender.ts';

/** One side of a comparison. */
export interface ContenderSpec {
  /** Below `contenders/`, without ending: `compose/koa`. */
  readonly module: string;
  readonly parameters?: Parameters;
  /** How often the unit of work is done in one measured run, where it differs from the row's. */
  readonly ops?: number;
  /** The same work without a library: shown, and never the "best peer". */
  readonly floor?: true;
}

/** What Tunic is held to: against one contender by name, or against the best peer of the run. */
export interface Budget {
  readonly against: string;
  /** CPU per operation, Tunic over the other; or operations per second, Tunic over the other. */
  readonly measure: 'cpu' | 'rate';
  /** The most that the CPU ratio, or the least that the rate ratio, may be. */
  readonly limit: number;
}

/** The value of {@link Budget.against} that means whoever is best in the run. */
export const BEST_PEER = 'best peer';

/** One comparison; the contender named `tunic` is held against the others. */
export interface Row {
  readonly name: string;
  readonly contenders: Readonly<Record<string, ContenderSpec>>;
  readonly budgets: readonly Budget[];
  /** How often the unit of work is done in one measured run. */
  readonly ops: number;
  /** The unit comes in batches of this size: fewer operations than one batch would be other work. */
  readonly batch?: number;
}

/** How many bytes a bundle has, minified and gzipped. */
export interface SizeRow {
  readonly name: string;
  /** What a user's program would import. */
  readonly source: string;
  readonly limit?: number;
}

/** What `npm run bench -- <name>` runs. */
export interface Group {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly sizes?: readonly SizeRow[];
  /** Where the contenders do not promise the same: printed under the table. */
  readonly notes?: readonly string[];
}
