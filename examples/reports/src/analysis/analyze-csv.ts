import { setImmediate } from 'node:timers/promises';
import { DEFAULT_LIMITS, type AnalysisLimits } from './analysis-limits.ts';
import { CsvRefusedError } from './csv-refused-error.ts';
import { type ColumnReport, type CsvProgress, type CsvReport } from './csv-report.ts';
import { detectDialect, type Dialect } from './dialect.ts';
import { createPacedSlices } from './paced-slices.ts';
import { readChunks } from './read-chunks.ts';
import { RecordReader } from './record-reader.ts';
import { Table } from './table.ts';

/** Options of {@link analyzeCsv}. */
export interface AnalyzeCsvOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called about once per MiB and at the end; what it throws ends the analysis. */
  readonly onProgress?: ((progress: CsvProgress) => void) | undefined;
  /** The size of the source where it is known; it is passed on to `onProgress`. */
  readonly totalBytes?: number | undefined;
  /** Found out from the first 64 KiB by default, among `,` `;` tab and `|`. */
  readonly delimiter?: string | undefined;
  readonly limits?: Partial<AnalysisLimits> | undefined;
}

const HEAD_BYTES = 64 * 1024;
const PROGRESS_BYTES = 2 ** 20;

/** One run over a source. */
class Analysis {
  readonly table: Table;
  bytes = 0;
  dialect: Dialect | undefined;
  readonly #options: AnalyzeCsvOptions;
  readonly #limits: AnalysisLimits;
  #reader: RecordReader | undefined;
  #head: Buffer = Buffer.alloc(0);
  #nextProgress = PROGRESS_BYTES;

  constructor(options: AnalyzeCsvOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.table = new Table(this.#limits);
  }

  async write(slice: Buffer): Promise<void> {
    this.bytes += slice.length;
    if (this.#reader !== undefined) await this.#reader.write(slice);
    else this.#head = Buffer.concat([this.#head, slice]);
    if (this.#reader === undefined && this.#head.length >= HEAD_BYTES) await this.#start();
    if (this.bytes >= this.#nextProgress) this.progress();
  }

  async end(): Promise<void> {
    const reader = this.#reader ?? (await this.#start());
    await reader.end();
    if (this.table.columns.length === 0) throw new CsvRefusedError('no-header', 'There is no header: the file holds nothing but blank lines.');
  }

  progress(): void {
    this.#nextProgress = this.bytes + PROGRESS_BYTES;
    this.#options.onProgress?.({ bytes: this.bytes, totalBytes: this.#options.totalBytes ?? null, rows: this.table.rows });
  }

  close(): void {
    this.#reader?.close();
  }

  async #start(): Promise<RecordReader> {
    this.dialect = detectDialect(this.#head.subarray(0, HEAD_BYTES), this.#options.delimiter);
    this.#reader = new RecordReader(this.dialect, this.#limits.recordBytes, this.table);
    const head = this.#head.subarray(this.dialect.bomBytes);
    this.#head = Buffer.alloc(0);
    await this.#reader.write(head);
    return this.#reader;
  }
}

async function reportColumns(table: Table, signal?: AbortSignal): Promise<ColumnReport[]> {
  const reports: ColumnReport[] = [];
  for (const report of table.reports()) {
    reports.push(report);
    await setImmediate();
    signal?.throwIfAborted();
  }
  return reports;
}

/**
 * Reads a CSV file (RFC 4180, and what spreadsheets make of it) once, as it comes, and resolves to the statistics of
 * its columns. Memory stays bounded whatever the file.
 *
 * The bytes are taken to be UTF-8. The first record is the header. Rows that have more or fewer fields than the header,
 * or a quote out of place, are reported by line and left out of the figures; blank lines are passed over. The event loop
 * gets a turn every few milliseconds. When the signal aborts it rejects with its reason at once and closes the source.
 *
 * @throws CsvRefusedError without a header, with too many columns, with a record longer than the limit
 *
 * @example
 * ```ts
 * import { Readable } from 'node:stream';
 * import { analyzeCsv } from './analyze-csv.ts';
 *
 * const report = await analyzeCsv(Readable.from([Buffer.from('city,degrees\nOslo,4\nRome,16\n')]));
 * report.columns[1]?.mean; // 10
 * ```
 */
export async function analyzeCsv(source: AsyncIterable<Uint8Array>, options: AnalyzeCsvOptions = {}): Promise<CsvReport> {
  const analysis = new Analysis(options);
  try {
    const inSlices = createPacedSlices(options.signal);
    for await (const chunk of readChunks(source, { signal: options.signal })) await inSlices(chunk, (slice) => analysis.write(slice));
    await analysis.end();
    const { table, bytes, dialect } = analysis;
    const columns = await reportColumns(table, options.signal);
    analysis.progress();
    const rowErrors = { total: table.rowErrorCount, listed: table.rowErrors };
    return { bytes, rows: table.rows, delimiter: dialect?.delimiter ?? ',', columns, rowErrors };
  } finally {
    analysis.close();
  }
}
