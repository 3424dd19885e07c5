import { createHash } from 'node:crypto';
import { UploadError } from './upload-error.ts';
import { Utf8Checker } from './utf8-checker.ts';

/** Options of {@link UploadInspector}. */
export interface InspectionOptions {
  /** 1 MiB by default. */
  readonly maxLineBytes?: number | undefined;
  /** Any size by default. */
  readonly maxBytes?: number | undefined;
}

/** What is known of an upload that passed. */
export interface UploadFacts {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

const BLOCK_BYTES = 64 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Checks an upload as it comes and holds none of it: UTF-8, no NUL, no endless line, not empty, not too large.
 *
 * @example
 * ```ts
 * import { UploadInspector } from './upload-inspector.ts';
 *
 * const inspector = new UploadInspector();
 * inspector.check(Buffer.from('a,b\n1,2\n'));
 * inspector.end().bytes; // 8
 * ```
 */
export class UploadInspector {
  readonly #maxLineBytes: number;
  readonly #maxBytes: number;
  readonly #utf8 = new Utf8Checker();
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #line = 1;
  #lineBytes = 0;
  #previous = 0;

  constructor(options: InspectionOptions = {}) {
    this.#maxLineBytes = options.maxLineBytes ?? 2 ** 20;
    this.#maxBytes = options.maxBytes ?? Infinity;
  }

  /** Checks the next bytes; throws {@link UploadError} at the first fault, after which the upload is done for. */
  check(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += BLOCK_BYTES) {
      this.#checkBlock(Buffer.from(chunk.buffer, chunk.byteOffset + at, Math.min(BLOCK_BYTES, chunk.length - at)));
    }
  }

  /** Checks what can be said at the end only; throws {@link UploadError}. */
  end(): UploadFacts {
    if (this.#bytes === 0) throw new UploadError(400, 'The file is empty.');
    const invalid = this.#utf8.end();
    if (invalid !== undefined) throw this.#notUtf8(this.#bytes + invalid);
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  #checkBlock(block: Buffer): void {
    if (this.#bytes + block.length > this.#maxBytes) {
      throw new UploadError(413, `The file is larger than ${this.#maxBytes} bytes.`);
    }
    if (this.#bytes === 0) refuseUtf16(block);
    const invalid = this.#utf8.check(block);
    this.#checkLines(invalid === undefined ? block : block.subarray(0, Math.max(0, invalid)));
    if (invalid !== undefined) throw this.#notUtf8(this.#bytes + invalid);
    this.#hash.update(block);
    this.#bytes += block.length;
  }

  #checkLines(block: Buffer): void {
    for (const byte of block) {
      if (byte === 0) throw this.#fault(415, 'The file holds a NUL byte: this is not a CSV file but a binary one.');
      if (byte === LF || this.#previous === CR) this.#line++;
      this.#previous = byte;
      this.#lineBytes = byte === LF || byte === CR ? 0 : this.#lineBytes + 1;
      if (this.#lineBytes > this.#maxLineBytes) {
        throw this.#fault(422, `Line ${this.#line} is longer than ${this.#maxLineBytes} bytes: this is not a CSV file.`);
      }
    }
  }

  #notUtf8(offset: number): UploadError {
    return this.#fault(422, `The file is not valid UTF-8: it breaks at byte offset ${offset}, on line ${this.#line}.`);
  }

  #fault(status: 415 | 422, detail: string): UploadError {
    return new UploadError(status, detail, { line: this.#line });
  }
}

function refuseUtf16(block: Buffer): void {
  const mark = block.length < 2 ? 0 : block.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff) throw new UploadError(415, 'The file is UTF-16; please save it as UTF-8.', { line: 1 });
}
