/** What an analysis holds at most, so that its memory does not depend on the file. */
export interface AnalysisLimits {
  /** 2,000 by default; a header with more is refused. */
  readonly columns: number;
  /** 1 MiB by default; a longer record is refused. */
  readonly recordBytes: number;
  /** 100 by default; further row errors are only counted. */
  readonly rowErrors: number;
  /** 10,000 by default, per column; files of more than 15 columns share 150,000 between the columns. */
  readonly distinctValues: number;
  /** 100,000 by default, per column; files of more than 10 columns share 1,000,000 between the columns. */
  readonly sampleValues: number;
}

/** The limits unless others are given. */
export const DEFAULT_LIMITS: AnalysisLimits = {
  columns: 2_000,
  recordBytes: 2 ** 20,
  rowErrors: 100,
  distinctValues: 10_000,
  sampleValues: 100_000,
};

const ALL_DISTINCT_VALUES = 150_000;
const ALL_DISTINCT_CHARACTERS = 5_000_000;
const ALL_SAMPLE_VALUES = 1_000_000;

/** The share of one column in the memory of an analysis. */
export interface ColumnBudget {
  readonly distinctValues: number;
  readonly distinctCharacters: number;
  readonly sampleValues: number;
}

/** Shares the memory of an analysis evenly between the columns. */
export function columnBudget(limits: AnalysisLimits, columns: number): ColumnBudget {
  return {
    distinctValues: Math.min(limits.distinctValues, Math.floor(ALL_DISTINCT_VALUES / columns)),
    distinctCharacters: Math.floor(ALL_DISTINCT_CHARACTERS / columns),
    sampleValues: Math.min(limits.sampleValues, Math.floor(ALL_SAMPLE_VALUES / columns)),
  };
}
