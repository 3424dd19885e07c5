/** What a column holds; `empty` is a column without any value. */
export type ColumnType = 'boolean' | 'integer' | 'number' | 'date' | 'string' | 'empty';

/**
 * How many cells of a column look like what. `unsafe` are numbers that a double cannot hold (integers beyond 2^53,
 * 1e400, 1e-400), `marker` are NA, N/A, NaN, null and NULL; both are text in a column of text.
 */
export interface CellKinds {
  readonly boolean: number;
  readonly integer: number;
  readonly number: number;
  readonly date: number;
  readonly text: number;
  readonly unsafe: number;
  readonly marker: number;
}

/** Quantiles by linear interpolation (type 7 of Hyndman and Fan, 1996). */
export interface Quantiles {
  readonly p5: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
}

/** Bin `i` holds the values `edges[i] <= value < edges[i + 1]`; the last one holds its upper edge too. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** A value as text and how often it stands in the column; texts beyond 100 characters are cut and end in `…`. */
export interface TopValue {
  readonly value: string;
  readonly count: number;
}

/** The figures of one column. What does not apply to its type is `null`. */
export interface ColumnReport {
  readonly name: string;
  readonly type: ColumnType;
  /** Cells with a value. */
  readonly count: number;
  /** Cells that are empty or blank; unless the column is text, also NA, N/A, NaN, null and NULL. */
  readonly missing: number;
  /** Different texts, so 1 and 1.0 are two; a lower bound when `distinctExact` is false. */
  readonly distinct: number;
  readonly distinctExact: boolean;
  /** Numbers as numbers, dates in ISO 8601 (UTC), text by code unit and cut after 100 characters. */
  readonly min: number | string | null;
  readonly max: number | string | null;
  /** `null` too where it is beyond a double. */
  readonly mean: number | null;
  /** Of a sample (n − 1); `null` below two values and beyond a double. */
  readonly standardDeviation: number | null;
  readonly quantiles: Quantiles | null;
  readonly histogram: Histogram | null;
  /** Whether quantiles and histogram come from a random sample; the counts of the histogram are then the sample's. */
  readonly approximate: boolean;
  /** The ten most frequent values, ties by code unit. Counts are exact; values first met late may lack unless `distinctExact`. */
  readonly top: readonly TopValue[];
  readonly kinds: CellKinds;
}

/** A row that could not be read and is left out of every figure. */
export interface RowError {
  /** The physical line on which the row starts; the header is line 1. */
  readonly line: number;
  readonly message: string;
  /** Fields expected and found, where their number is what is wrong. */
  readonly expected?: number;
  readonly found?: number;
}

/** The statistics of a CSV file; plain JSON. */
export interface CsvReport {
  readonly bytes: number;
  /** Data rows in the figures: without the header, blank lines and the rows in `rowErrors`. */
  readonly rows: number;
  readonly delimiter: string;
  readonly columns: readonly ColumnReport[];
  /** All rows left out are counted; the first of them are listed. */
  readonly rowErrors: { readonly total: number; readonly listed: readonly RowError[] };
}

/** How far an analysis has come. */
export interface CsvProgress {
  readonly bytes: number;
  /** `null` where the size is not known beforehand. */
  readonly totalBytes: number | null;
  readonly rows: number;
}
