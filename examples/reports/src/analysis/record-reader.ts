import { CsvError } from 'csv-parse';
import { CsvRefusedError } from './csv-refused-error.ts';
import { type Dialect } from './dialect.ts';
import { LineCounter } from './line-counter.ts';
import { RecordParser } from './record-parser.ts';

/** What a {@link RecordReader} finds, in the order of the file. */
export interface RecordHandler {
  /** `line()` gives the physical line on which the record starts; valid during the call only. */
  record(fields: string[], line: () => number): void;
  /** A record with a quote out of place; reading goes on with the line after `line`. */
  broken(message: string, line: number): void;
}

const QUOTE_ERRORS: Partial<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote; a quote inside a quoted field is written twice',
  INVALID_OPENING_QUOTE: 'a quote stands inside a field that is not quoted',
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
};

/** Cuts a stream of bytes into records, one bad quote costing no more than the line it stands on. */
export class RecordReader {
  readonly #dialect: Dialect;
  readonly #recordBytes: number;
  readonly #handler: RecordHandler;
  readonly #lines: LineCounter;
  #parser: RecordParser;
  /** The bytes from the end of the last record on; a bad quote is answered by reading them anew from their second line. */
  #held: Buffer = Buffer.alloc(0);
  /** How much of `#held` belongs to finished records. */
  #done = 0;
  /** The offset that the parser gives to the first byte of `#held`. */
  #heldOffset = 0;

  constructor(dialect: Dialect, recordBytes: number, handler: RecordHandler) {
    this.#dialect = dialect;
    this.#recordBytes = recordBytes;
    this.#handler = handler;
    this.#lines = new LineCounter(dialect.lineEnds.includes('\n') ? 0x0a : 0x0d);
    this.#parser = this.#createParser();
  }

  /** Reads a slice, which must come in small pieces since it is parsed at once. */
  async write(slice: Buffer): Promise<void> {
    this.#held = this.#held.length === 0 ? slice : Buffer.concat([this.#held, slice]);
    let error = await this.#parser.feed(slice);
    while (error !== undefined) error = await this.#resume(error);
    this.#drop(this.#done);
    if (this.#held.length > this.#recordBytes) this.#refuse(0);
  }

  /** Reads the last record. */
  async end(): Promise<void> {
    let error = await this.#parser.finish();
    while (error !== undefined) error = (await this.#resume(error)) ?? (await this.#parser.finish());
  }

  /** Ends the parser, whatever state it is in. */
  close(): void {
    this.#parser.destroy();
  }

  #createParser(): RecordParser {
    return new RecordParser(this.#dialect, (record, end) => this.#take(record, end));
  }

  #take(record: string[], end: number): void {
    const start = this.#done;
    this.#done = end - this.#heldOffset;
    if (this.#done - start > this.#recordBytes) this.#refuse(start);
    this.#handler.record(record, () => this.#lines.lineAt(this.#held, this.#skipBlank(start)));
  }

  #refuse(start: number): never {
    const line = this.#lines.lineAt(this.#held, this.#skipBlank(start));
    const message = `The record that starts on line ${line} is longer than ${this.#recordBytes} bytes; is a quote not closed there?`;
    throw new CsvRefusedError('record-too-long', message, line);
  }

  async #resume(error: Error): Promise<Error | undefined> {
    const message = error instanceof CsvError ? QUOTE_ERRORS[error.code] : undefined;
    if (message === undefined) throw error;
    const start = this.#skipBlank(this.#done);
    this.#handler.broken(message, this.#lines.lineAt(this.#held, start));
    this.#drop(this.#lines.nextLine(this.#held, start));
    this.#parser.destroy();
    this.#heldOffset = 0;
    this.#parser = this.#createParser();
    return this.#held.length === 0 ? undefined : this.#parser.feed(this.#held);
  }

  /** Blank lines before a record are no part of it. */
  #skipBlank(start: number): number {
    let at = start;
    while (this.#held[at] === 0x0a || this.#held[at] === 0x0d) at++;
    return at;
  }

  #drop(count: number): void {
    this.#lines.drop(this.#held, count);
    this.#held = this.#held.subarray(count);
    this.#heldOffset += count;
    this.#done = 0;
  }
}
