import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { analyzeCsv } from '../../src/analysis/analyze-csv.ts';
import { type ColumnReport } from '../../src/analysis/csv-report.ts';
import { expectColumn } from './expect-column.ts';
import { naiveColumn } from './naive-report.ts';

const DATA = fileURLToPath(new URL('../../../../node_modules/vega-datasets/data/', import.meta.url));
const FILES = readdirSync(DATA).filter((file) => file.endsWith('.csv'));

describe('real data sets', () => {
  it('are there', () => {
    expect(FILES.length).toBeGreaterThan(20);
  });

  it.each(FILES)('%s has the figures of an independent computation', async (file) => {
    const report = await analyzeCsv(createReadStream(join(DATA, file)));
    const [header = [], ...rows] = parse(readFileSync(join(DATA, file)), { bom: true, relax_column_count: true, skip_empty_lines: true });
    const whole = rows.filter((row) => row.length === header.length);
    expect(report.rows).toBe(whole.length);
    expect(report.rowErrors.total).toBe(rows.length - whole.length);
    expect(report.columns.map((column) => column.name)).toEqual(header);
    header.forEach((name, i) => expectColumn(report.columns[i], naiveColumn(name, whole.map((row) => row[i] ?? ''))));
  });
});

/*
 * Computed with Python 3.11: csv.DictReader, then len, min, max, statistics.fmean, statistics.stdev and
 * statistics.quantiles(values, n=20, method='inclusive') at 5, 25, 50, 75 and 95 %; collections.Counter for text.
 */
const CONSTANTS = [
  { file: 'seattle-weather.csv', column: 'temp_max', count: 1461, missing: 0, min: -1.6, max: 35.6, mean: 16.43908281998631, deviation: 7.349758097360177, quantiles: [6.1, 10.6, 15.6, 22.2, 28.9] },
  { file: 'zipcodes.csv', column: 'latitude', count: 42049, missing: 0, min: -7.209975, max: 70.494693, mean: 38.499218665961145, deviation: 5.41403011473415, quantiles: [29.6988494, 35.035273, 39.117823, 41.845717, 46.268120999999994] },
  { file: 'sp500-2000.csv', column: 'close', count: 5105, missing: 0, min: 676.530029, max: 3386.149902, mean: 1595.6414743351615, deviation: 607.4778842309489, quantiles: [898.9520140000001, 1155.459961, 1367.339966, 2016.709961, 2857.5699706] },
  { file: 'flights-airport.csv', column: 'count', count: 5366, missing: 0, min: 1, max: 13788, mean: 1306.3227730152814, deviation: 1593.373114731961, quantiles: [1, 293, 777, 1718.5, 4363.25] },
  { file: 'co2-concentration.csv', column: 'adjusted CO2', count: 741, missing: 0, min: 314.44, max: 413.35, mean: 355.3041565452092, deviation: 28.442895350913698, quantiles: [317.76, 330.14, 352.87, 378.01, 406.02] },
];

async function columnOf(file: string, name: string): Promise<ColumnReport | undefined> {
  const report = await analyzeCsv(createReadStream(join(DATA, file)));
  return report.columns.find((column) => column.name === name);
}

describe('figures computed elsewhere', () => {
  it.each(CONSTANTS)('$file: $column', async ({ file, column, count, missing, min, max, mean, deviation, quantiles }) => {
    const actual = await columnOf(file, column);
    expect(actual).toMatchObject({ count, missing, min, max });
    expect(actual?.mean).toBeCloseTo(mean, 8);
    expect(actual?.standardDeviation).toBeCloseTo(deviation, 8);
    Object.values(actual?.quantiles ?? {}).forEach((value, i) => expect(value).toBeCloseTo(quantiles[i] ?? NaN, 8));
  });

  it('counts the most frequent texts', async () => {
    const actual = await columnOf('seattle-weather.csv', 'weather');
    expect(actual?.top.slice(0, 4)).toEqual([{ value: 'rain', count: 641 }, { value: 'sun', count: 640 }, { value: 'fog', count: 101 }, { value: 'drizzle', count: 53 }]);
    expect(actual).toMatchObject({ type: 'string', distinct: 5, distinctExact: true, min: 'drizzle', max: 'sun' });
  });

  it('reads a column of dates', async () => {
    expect(await columnOf('seattle-weather.csv', 'date')).toMatchObject({ type: 'date', min: '2012-01-01', max: '2015-12-31' });
  });

  it('takes postcodes with leading zeros for text', async () => {
    expect(await columnOf('zipcodes.csv', 'zip_code')).toMatchObject({ type: 'string', min: '00501', distinct: 10_000, distinctExact: false });
  });
});
