import { columnBudget, type AnalysisLimits } from './analysis-limits.ts';
import { ColumnAccumulator } from './column-accumulator.ts';
import { type ColumnReport, type RowError } from './csv-report.ts';
import { CsvRefusedError } from './csv-refused-error.ts';
import { headerNames } from './header-names.ts';
import { type RecordHandler } from './record-reader.ts';
import { createSeededRandom } from './seeded-random.ts';

/** Turns records into columns: the first is the header, rows of another length are noted and left out. */
export class Table implements RecordHandler {
  readonly columns: ColumnAccumulator[] = [];
  readonly rowErrors: RowError[] = [];
  rowErrorCount = 0;
  rows = 0;
  readonly #limits: AnalysisLimits;

  constructor(limits: AnalysisLimits) {
    this.#limits = limits;
  }

  record(fields: string[], line: () => number): void {
    const { columns } = this;
    if (columns.length === 0) {
      this.#setHeader(fields, line());
      return;
    }
    if (fields.length !== columns.length) {
      const [expected, found] = [columns.length, fields.length];
      this.#addError({ line: line(), message: `expected ${expected} fields, found ${found}`, expected, found });
      return;
    }
    this.rows++;
    for (let i = 0; i < fields.length; i++) columns[i]?.add(fields[i] ?? '');
  }

  broken(message: string, line: number): void {
    if (this.columns.length === 0) throw new CsvRefusedError('no-header', `The header on line ${line} cannot be read: ${message}.`, line);
    this.#addError({ line, message });
  }

  /** The figures of all columns, one at a time since each one sorts its values. */
  *reports(): Generator<ColumnReport, void> {
    for (const column of this.columns) yield column.report();
  }

  #setHeader(fields: string[], line: number): void {
    const limit = this.#limits.columns;
    if (fields.length > limit) {
      throw new CsvRefusedError('too-many-columns', `The header has ${fields.length} columns; at most ${limit} are taken.`, line);
    }
    const budget = columnBudget(this.#limits, fields.length);
    // One seed per column: the same file always gives the same figures, and no column depends on another.
    headerNames(fields).forEach((name, i) => this.columns.push(new ColumnAccumulator(name, budget, createSeededRandom(i + 1))));
  }

  #addError(error: RowError): void {
    this.rowErrorCount++;
    if (this.rowErrors.length < this.#limits.rowErrors) this.rowErrors.push(error);
  }
}
