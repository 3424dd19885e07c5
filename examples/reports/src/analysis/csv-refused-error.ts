/** Why a file is refused as a whole. */
export type CsvRefusal = 'no-header' | 'too-many-columns' | 'record-too-long';

/** A file that no report can be made of, whenever it is tried; the message says what is wrong and where. */
export class CsvRefusedError extends Error {
  override readonly name: string = 'CsvRefusedError';
  readonly code: CsvRefusal;
  /** The physical line, where there is one. */
  readonly line: number | undefined;

  constructor(code: CsvRefusal, message: string, line?: number) {
    super(message);
    this.code = code;
    this.line = line;
  }
}
