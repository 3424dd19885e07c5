import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UploadError } from '../../src/upload/upload-error.ts';
import { UploadInspector, type InspectionOptions, type UploadFacts } from '../../src/upload/upload-inspector.ts';

function inspect(bytes: Uint8Array, cuts: readonly number[] = [bytes.length], options?: InspectionOptions): UploadFacts {
  const inspector = new UploadInspector(options);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, cuts[turn % cuts.length] ?? 1);
    inspector.check(bytes.subarray(at, at + size));
    at += size;
  }
  return inspector.end();
}

function faultOf(run: () => unknown): UploadError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof UploadError) return error;
    throw error;
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe('an upload that is fine', () => {
  it('passes with its size and digest, however it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/[\0\p{Surrogate}]/u.test(text)), sizes, (text, cuts) => {
        const bytes = Buffer.from(text);
        expect(inspect(bytes, cuts)).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      }),
    );
  });

  it('may have a byte order mark, and lines of exactly the limit', () => {
    const bytes = Buffer.from('\uFEFFa,b\n12345\r12345\r\n');
    expect(inspect(bytes, undefined, { maxLineBytes: 6, maxBytes: bytes.length }).bytes).toBe(bytes.length);
  });
});

describe('broken UTF-8', () => {
  it('is found exactly where a decoder finds it, however it is cut', () => {
    const part = fc.constantFrom([0x61], [0x0a], [0xc3, 0xa4], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x9a, 0x80], [0xff], [0x80], [0xe2, 0x82], [0xf0, 0x9f], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf5]);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), sizes, (parts, cuts) => {
        const bytes = Buffer.from(parts.flat());
        let valid = true;
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(bytes);
        } catch {
          valid = false;
        }
        const whole = faultOf(() => inspect(bytes));
        expect(whole === undefined).toBe(valid);
        const cut = faultOf(() => inspect(bytes, cuts));
        expect(cut && [cut.status, cut.detail, cut.line]).toEqual(whole && [whole.status, whole.detail, whole.line]);
      }),
      { numRuns: 1000 },
    );
  });

  it('is told by byte offset and line', () => {
    const fault = faultOf(() => inspect(Buffer.from([0x61, 0x0a, 0x0d, 0x0a, 0xe2, 0x82, 0x61]), [5, 1, 1]));
    expect(fault).toMatchObject({ status: 422, line: 3, detail: 'The file is not valid UTF-8: it breaks at byte offset 6, on line 3.' });
  });

  it('is told where it is at the very end too', () => {
    expect(faultOf(() => inspect(Buffer.from([0x61, 0xff])))?.detail).toContain('byte offset 1,');
    expect(faultOf(() => inspect(Buffer.from([0x61, 0xed, 0xa0])))?.detail).toContain('byte offset 2,');
  });

  it('is a sequence that the end cuts off', () => {
    expect(faultOf(() => inspect(Buffer.from([0x61, 0xe2, 0x82])))).toMatchObject({ status: 422, line: 1 });
  });

  it('is found behind the first block of 64 KiB', () => {
    const bytes = Buffer.concat([Buffer.from('ab\n'.repeat(30_000)), Buffer.from([0xff])]);
    expect(faultOf(() => inspect(bytes))).toMatchObject({ status: 422, line: 30_001, detail: expect.stringContaining('byte offset 90000') as string });
  });
});

describe('what is no CSV', () => {
  it('is an empty file', () => {
    expect(faultOf(() => inspect(Buffer.alloc(0)))).toMatchObject({ status: 400, detail: 'The file is empty.' });
  });

  it('is a binary file', () => {
    expect(faultOf(() => inspect(Buffer.from('PK\u0003\u0004\n\0\0')))).toMatchObject({ status: 415, line: 2 });
  });

  it.each(['utf16le', 'utf16be'])('is UTF-16 (%s)', (kind) => {
    const bytes = Buffer.from('\uFEFFa,b\n', 'utf16le');
    expect(faultOf(() => inspect(kind === 'utf16be' ? bytes.swap16() : bytes))).toMatchObject({ status: 415, detail: expect.stringContaining('UTF-16') as string });
  });

  it('is an endless line, refused after a MiB', () => {
    const inspector = new UploadInspector();
    const chunk = Buffer.alloc(65_536, 'x');
    inspector.check(Buffer.from('a,b\n'));
    for (let i = 0; i < 16; i++) inspector.check(chunk);
    expect(faultOf(() => inspector.check(chunk))).toMatchObject({ status: 422, line: 2 });
  });

  it('is a file beyond the size limit, refused before the rest is read', () => {
    const inspector = new UploadInspector({ maxBytes: 10 });
    inspector.check(Buffer.from('0123456789'));
    expect(faultOf(() => inspector.check(Buffer.from('x')))).toMatchObject({ status: 413, detail: 'The file is larger than 10 bytes.' });
  });
});
