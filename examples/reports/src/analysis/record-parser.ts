import { Parser } from 'csv-parse';
import { type Dialect } from './dialect.ts';

/** Takes a record and the offset of the first byte after it. */
export type RecordSink = (record: string[], end: number) => void;

/**
 * The parser of csv-parse, handing over each record as it is found: going through the readable side or `on_record`
 * would make an object and several copies per row.
 */
export class RecordParser extends Parser {
  readonly #sink: RecordSink;

  constructor(dialect: Dialect, sink: RecordSink) {
    super({
      delimiter: dialect.delimiter,
      record_delimiter: [...dialect.lineEnds],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 0,
    });
    this.#sink = sink;
    // Each write and the end report their error themselves.
    this.on('error', () => undefined);
    this.resume();
  }

  override push(record: unknown): boolean {
    if (!Array.isArray(record)) return super.push(record);
    this.#sink(record as string[], this.info.bytes);
    return true;
  }

  /** Parses the bytes; resolves to the error of the first record that cannot be read, after which the parser is done. */
  feed(bytes: Buffer): Promise<Error | undefined> {
    return new Promise((resolve) => void this.write(bytes, (error) => resolve(error ?? undefined)));
  }

  /** Takes the last record, which needs no line end. */
  finish(): Promise<Error | undefined> {
    return new Promise((resolve) => {
      this.once('error', resolve);
      this.once('finish', () => resolve(undefined));
      this.end();
    });
  }
}
