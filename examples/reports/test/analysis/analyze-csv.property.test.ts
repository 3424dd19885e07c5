import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeCsv, type AnalyzeCsvOptions } from '../../src/analysis/analyze-csv.ts';
import { type CsvReport } from '../../src/analysis/csv-report.ts';
import { expectColumn } from './expect-column.ts';
import { naiveColumn } from './naive-report.ts';

const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map(String),
  fc.constantFrom('-0', '+5', '1.50', '.5', '7.', '1e3', '1E-3', '0.0', ' 12 '),
);
const date = fc.constantFrom('2024-02-29', '1999-12-31', '0001-01-01', '2024-02-29T12:30:00Z', '2024-02-29 12:30', '2024-06-01T00:00:00.25+02:00');
const odd = fc.constantFrom('00501', '9007199254740993', '-9007199254740992', '1e400', '1e-400', '0x10', '2023-02-29', '2024-13-01', 'Infinity', '1,5', 'tRue');
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom('a"b', '"', 'x,y', 'two\nlines', 'two\r\nlines', 'Ä€🚀', ';;'), odd);
const missing = fc.constantFrom('', '', ' ', 'NA', 'null', 'NaN');
const boolean = fc.constantFrom('true', 'false', 'TRUE', 'False');

/** Columns are mostly of one kind, since mixed ones are all text. */
const column = (rows: number): fc.Arbitrary<string[]> =>
  fc
    .constantFrom(fc.integer().map(String), number, date, boolean, text, fc.oneof(number, date, boolean, text))
    .chain((cell) => fc.array(fc.oneof({ weight: 5, arbitrary: cell }, { weight: 1, arbitrary: missing }), { minLength: rows, maxLength: rows }));

const table = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) => fc.tuple(...Array.from({ length: columns }, () => column(rows))));

interface Encoding {
  readonly lineEnd: '\n' | '\r\n';
  readonly lastLineEnd: boolean;
  readonly bom: boolean;
  readonly delimiter: string;
  /** Whether a field is quoted that need not be; taken in turn. */
  readonly quotes: readonly boolean[];
}

const encoding: fc.Arbitrary<Encoding> = fc.record({
  lineEnd: fc.constantFrom('\n', '\r\n'),
  lastLineEnd: fc.boolean(),
  bom: fc.boolean(),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  quotes: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
});

/** RFC 4180. */
function encode(columns: readonly (readonly string[])[], how: Encoding): Buffer {
  const rows = [columns.map((_, i) => `c${i}`), ...(columns[0] ?? []).map((_, row) => columns.map((cells) => cells[row] ?? ''))];
  let turn = 0;
  const field = (value: string): string => {
    const must = value === '' || /["\r\n,;\t|]/.test(value);
    return must || how.quotes[turn++ % how.quotes.length] === true ? `"${value.replaceAll('"', '""')}"` : value;
  };
  const lines = rows.map((row) => row.map(field).join(how.delimiter));
  return Buffer.from((how.bom ? '\uFEFF' : '') + lines.join(how.lineEnd) + (how.lastLineEnd ? how.lineEnd : ''));
}

/** Cuts the bytes at the given places, wherever they fall. */
async function* chunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer, void> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const analyze = (bytes: Buffer, cuts: readonly number[], options: AnalyzeCsvOptions = {}): Promise<CsvReport> => analyzeCsv(chunks(bytes, cuts), options);

describe('analyzeCsv', () => {
  it('gives the figures of the naive model for any table, encoding and chunking', async () => {
    await fc.assert(
      fc.asyncProperty(table, encoding, sizes, async (columns, how, cuts) => {
        const report = await analyze(encode(columns, how), cuts, { delimiter: how.delimiter });
        expect(report.rowErrors).toEqual({ total: 0, listed: [] });
        expect(report.rows).toBe(columns[0]?.length);
        columns.forEach((cells, i) => expectColumn(report.columns[i], naiveColumn(`c${i}`, cells)));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same report wherever the chunks are cut, for broken files too', async () => {
    const scrap = fc.constantFrom('a', '7', '"', '""', ',', ',', '\n', '\n', '\r\n', '\r', '€', '🚀', ' ');
    const file = fc.array(scrap, { maxLength: 80 }).map((parts) => Buffer.from(`a,b\n${parts.join('')}`));
    await fc.assert(
      fc.asyncProperty(file, sizes, async (bytes, cuts) => {
        const whole = await analyze(bytes, [bytes.length]);
        expect(await analyze(bytes, cuts)).toEqual(whole);
        expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('loses exactly the row with the stray quote, and names its line', async () => {
    const row = fc.tuple(fc.integer(), fc.constantFrom('plain', '"quoted"', '"two\nlines"', '"with ""quotes"""')).map(([a, b]) => `${a},${b}`);
    const broken = fc.constantFrom('1,"a"b', '1,a"b', '1,a "b" c');
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), broken, fc.array(row, { maxLength: 8 }), sizes, async (before, bad, after, cuts) => {
        const bytes = Buffer.from(['a,b', ...before, bad, ...after, ''].join('\n'));
        const report = await analyze(bytes, cuts);
        expect(report.rows).toBe(before.length + after.length);
        expect(report.rowErrors.total).toBe(1);
        expect(report.rowErrors.listed[0]?.line).toBe(['a,b', ...before].join('\n').split('\n').length + 1);
      }),
    );
  });
});
