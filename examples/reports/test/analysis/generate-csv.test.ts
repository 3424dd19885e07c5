import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { analyzeCsv } from '../../src/analysis/analyze-csv.ts';
import { generateCsv } from '../../tools/generate-csv.ts';

it('a generated file has its size, is the same for the same seed, and holds every type of column', async () => {
  const file = Buffer.concat([...generateCsv(1_000_000, 7)]);
  expect(file.length).toBeGreaterThanOrEqual(1_000_000 - 65_536);
  expect(file.length).toBeLessThan(1_000_000 + 65_536);
  expect(Buffer.concat([...generateCsv(1_000_000, 7)]).equals(file)).toBe(true);
  expect(Buffer.concat([...generateCsv(1_000_000, 8)]).equals(file)).toBe(false);
  const report = await analyzeCsv(Readable.from([file]));
  expect(report.rowErrors.total).toBe(0);
  expect(report.columns.map(({ name, type }) => [name, type])).toEqual([
    ['id', 'integer'],
    ['created', 'date'],
    ['city', 'string'],
    ['temperature', 'number'],
    ['amount', 'number'],
    ['active', 'boolean'],
    ['comment', 'string'],
    ['reading', 'integer'],
  ]);
  expect(report.columns[0]).toMatchObject({ min: 1, max: report.rows, missing: 0 });
});
