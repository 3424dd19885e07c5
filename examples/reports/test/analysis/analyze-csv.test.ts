import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { analyzeCsv, type AnalyzeCsvOptions } from '../../src/analysis/analyze-csv.ts';
import { type ColumnReport, type CsvProgress, type CsvReport } from '../../src/analysis/csv-report.ts';

function analyze(text: string, options?: AnalyzeCsvOptions): Promise<CsvReport> {
  return analyzeCsv(Readable.from([Buffer.from(text)]), options);
}

async function column(...cells: string[]): Promise<ColumnReport | undefined> {
  return (await analyze(['x,y', ...cells.map((cell) => `${cell},1`)].join('\n'))).columns[0];
}

async function* repeat(text: string, times: number, before = ''): AsyncGenerator<Buffer, void> {
  yield await Promise.resolve(Buffer.from(before));
  const chunk = Buffer.from(text);
  for (let i = 0; i < times; i++) yield chunk;
}

describe('header', () => {
  it('alone gives a report of no rows', async () => {
    const report = await analyze('a,b\n');
    expect(report).toMatchObject({ bytes: 4, rows: 0, rowErrors: { total: 0, listed: [] } });
    expect(report.columns[0]).toMatchObject({ name: 'a', type: 'empty', count: 0, missing: 0, distinct: 0, min: null, mean: null, top: [] });
  });

  it('gets names for empty and repeated columns, none of them twice', async () => {
    const { columns } = await analyze('a,,a,a_2,a, ,column_2\n');
    expect(columns.map(({ name }) => name)).toEqual(['a', 'column_3', 'a_3', 'a_2', 'a_4', 'column_6', 'column_2']);
  });

  it.each(['', '\n\n\r\n', '\uFEFF'])('is missed in %j', async (text) => {
    await expect(analyze(text)).rejects.toMatchObject({ name: 'CsvRefusedError', code: 'no-header' });
  });

  it('with 10,000 columns is refused, naming number and limit', async () => {
    const text = `${Array.from({ length: 10_000 }, (_, i) => `c${i}`).join(',')}\n`;
    await expect(analyze(text)).rejects.toMatchObject({ code: 'too-many-columns', message: 'The header has 10000 columns; at most 2000 are taken.' });
  });

  it('with a broken quote is refused by line', async () => {
    await expect(analyze('\n"a"b,c\n1,2\n')).rejects.toMatchObject({ code: 'no-header', line: 2 });
  });
});

describe('dialect', () => {
  it.each([';', '\t', '|', ','])('finds out the delimiter %j', async (delimiter) => {
    const report = await analyze(`a${delimiter}b\n"1,5;|\t"${delimiter}2\n3${delimiter}4\n`);
    expect(report).toMatchObject({ delimiter, rows: 2 });
  });

  it('takes a single column, where an empty line is no row and "" is a missing cell', async () => {
    const report = await analyze('a\n1\n\n""\n3\n');
    expect(report.rows).toBe(3);
    expect(report.columns[0]).toMatchObject({ count: 2, missing: 1, mean: 2 });
  });

  it('reads the line ends of old Macs', async () => {
    const report = await analyze('a,b\r1,2\r3,x,4\r5,6\r');
    expect(report).toMatchObject({ rows: 2, rowErrors: { listed: [{ line: 3, expected: 2, found: 3 }] } });
  });

  it('passes over a byte order mark', async () => {
    expect((await analyze('\uFEFF"a",b\n1,2\n')).columns[0]?.name).toBe('a');
  });
});

describe('row errors', () => {
  it('name the physical line, past quoted line breaks and blank lines, and leave the row out', async () => {
    const report = await analyze('a,b\r\n"1\r\n\r\n",2\r\n\r\n3\r\n4,5,6\r\n7,8\r\n');
    expect(report.rows).toBe(2);
    expect(report.rowErrors).toEqual({
      total: 2,
      listed: [
        { line: 6, message: 'expected 2 fields, found 1', expected: 2, found: 1 },
        { line: 7, message: 'expected 2 fields, found 3', expected: 2, found: 3 },
      ],
    });
  });

  it('tell what is wrong with a quote, and cost one line each', async () => {
    const report = await analyze('a,b\n"x"y,1\nx"y,2\nok,3\n"never closed,4\nok,5\n');
    expect(report.rows).toBe(2);
    expect(report.rowErrors.listed.map(({ line }) => line)).toEqual([2, 3, 5]);
    expect(report.rowErrors.listed[2]?.message).toBe('a quote is opened and never closed');
  });

  it('are all counted, and the first hundred listed', async () => {
    const report = await analyze(`a,b\n${'1\n'.repeat(250)}`);
    expect(report.rowErrors.total).toBe(250);
    expect(report.rowErrors.listed).toHaveLength(100);
  });
});

describe('a record longer than a MiB', () => {
  it.each([
    ['one endless line', 'x'.repeat(65_536), ''],
    ['a quote that is never closed', 'some text\n'.repeat(6_000), '"'],
    ['nothing but delimiters', ','.repeat(65_536), ''],
  ])('is refused by line after a MiB: %s', async (_, text, before) => {
    let read = 0;
    async function* source(): AsyncGenerator<Buffer, void> {
      for await (const chunk of repeat(text, 10_000, `a,b\n1,2\n\n${before}`)) {
        read += chunk.length;
        yield chunk;
      }
    }
    await expect(analyzeCsv(source())).rejects.toMatchObject({ code: 'record-too-long', line: 4 });
    expect(read).toBeLessThan(1.5 * 2 ** 20);
  });

  it('is refused when it comes in one piece too', async () => {
    await expect(analyze(`a\n${'x'.repeat(1000)}\n`, { limits: { recordBytes: 999 } })).rejects.toMatchObject({ code: 'record-too-long', line: 2 });
    expect((await analyze(`a\n${'x'.repeat(1000)}\n`, { limits: { recordBytes: 1001 } })).rows).toBe(1);
  });
});

describe('column types', () => {
  it.each([
    ['integer', ['1', '-2', '+3', '0']],
    ['number', ['1', '2.5', '-.5', '1e3']],
    ['boolean', ['true', 'FALSE']],
    ['date', ['2024-02-29', '2024-02-29T10:00:00+01:00']],
    ['string', ['1', 'x']],
    ['string', ['1', 'true']],
    ['string', ['1', '2024-01-01']],
    ['string', ['2024-02-30']],
    ['string', ['00501', '00544']],
    ['string', ['NA', 'NA']],
    ['empty', ['', ' ']],
  ])('%s for %j', async (type, cells) => {
    expect((await column(...cells))?.type).toBe(type);
  });

  it.each(['9007199254740992', '-9007199254740993', '1e400', '1e-400'])('%s, which a double cannot hold, makes text of the column and is counted', async (cell) => {
    expect(await column('1', cell)).toMatchObject({ type: 'string', kinds: { integer: 1, unsafe: 1 }, mean: null, quantiles: null });
  });

  it('falls back to text after any number of numbers, with the figures of all of them as text', async () => {
    const cells = [...Array.from({ length: 500 }, (_, i) => String(i)), 'x'];
    expect(await column(...cells)).toMatchObject({ type: 'string', count: 501, distinct: 501, min: '0', max: 'x', mean: null, histogram: null });
  });

  it('take NA and its like for missing, except among text', async () => {
    expect(await column('1', 'NA', 'null', '3')).toMatchObject({ type: 'integer', count: 2, missing: 2, distinct: 2, mean: 2 });
    expect(await column('DE', 'NA', 'FR')).toMatchObject({ type: 'string', count: 3, missing: 0, distinct: 3 });
  });

  it('take blank cells for missing, whatever the kind of space', async () => {
    expect(await column('x', ' ', '\u00a0', '\u3000\t')).toMatchObject({ type: 'string', count: 1, missing: 3 });
  });

  it('give dates in UTC', async () => {
    expect(await column('0001-01-01T00:30:00+01:00', '2024-02-29')).toMatchObject({ min: '0000-12-31T23:30:00.000Z', max: '2024-02-29T00:00:00.000Z' });
  });
});

describe('bounds', () => {
  it('keep long texts apart by what is beyond the cut, and show the cut', async () => {
    const long = 'é'.repeat(5000);
    const actual = await column(`${long}a`, `${long}b`, `${long}b`);
    expect(actual).toMatchObject({ distinct: 2, min: `${'é'.repeat(100)}…` });
    expect(actual?.top[0]).toEqual({ value: `${'é'.repeat(100)}…`, count: 2 });
  });

  it('stop the count of distinct values, and count the known ones exactly', async () => {
    const cells = Array.from({ length: 60 }, (_, i) => String(i % 30));
    const report = await analyze(`x\n${cells.join('\n')}`, { limits: { distinctValues: 12 } });
    expect(report.columns[0]).toMatchObject({ distinct: 12, distinctExact: false, count: 60 });
    expect(report.columns[0]?.top.every(({ count }) => count === 2)).toBe(true);
  });

  it('take quantiles from a sample beyond the limit: flagged, close, and the same each time', async () => {
    const cells = Array.from({ length: 20_000 }, (_, i) => String((i * 7919) % 20_000));
    const once = await analyze(`x\n${cells.join('\n')}`, { limits: { sampleValues: 2000 } });
    const quantiles = once.columns[0]?.quantiles;
    expect(once.columns[0]).toMatchObject({ approximate: true, min: 0, max: 19_999 });
    expect(once.columns[0]?.mean).toBeCloseTo(9999.5, 9);
    // Five standard errors of a quantile from 2,000 values: 5 × 20,000 × √(p(1 − p) / 2,000).
    expect(Math.abs((quantiles?.p50 ?? NaN) - 10_000)).toBeLessThan(1120);
    expect(Math.abs((quantiles?.p5 ?? NaN) - 1000)).toBeLessThan(490);
    expect(Math.abs((quantiles?.p95 ?? NaN) - 19_000)).toBeLessThan(490);
    expect(once.columns[0]?.histogram?.counts.reduce((sum, count) => sum + count)).toBe(2000);
    expect(await analyze(`x\n${cells.join('\n')}`, { limits: { sampleValues: 2000 } })).toEqual(once);
  });

  it('never give a figure that is not finite', async () => {
    const actual = await column('1.7e308', '-1.7e308', '1.7e308');
    expect(actual).toMatchObject({ type: 'number', standardDeviation: null });
    expect(JSON.stringify(actual?.histogram)).not.toContain('null');
    expect(actual?.quantiles?.p50).toBe(1.7e308);
    expect(actual?.mean).toBeCloseTo(1.7e308 / 3, -300);
  });

  it('keep the edges of bins in order between neighbouring doubles', async () => {
    const { edges = [], counts = [] } = (await column('-1e-323', '-1.5e-323'))?.histogram ?? {};
    expect(edges).toEqual([...edges].sort((a, b) => a - b));
    expect(counts.reduce((sum, count) => sum + count)).toBe(2);
    expect([counts.length, counts.at(-1)]).toEqual([20, 1]);
  });

  it('give few whole numbers a bin each', async () => {
    expect((await column('1', '2', '2', '5'))?.histogram).toEqual({ edges: [1, 2, 3, 4, 5, 6], counts: [1, 2, 0, 0, 1] });
  });
});

describe('progress', () => {
  it('comes once per MiB and at the end', async () => {
    const seen: CsvProgress[] = [];
    const totalBytes = 4 + 64 * 65_536;
    await analyzeCsv(repeat('1,23456\n'.repeat(8192), 64, 'a,b\n'), { totalBytes, onProgress: (progress) => seen.push(progress) });
    expect(seen).toHaveLength(5);
    expect(seen[0]?.bytes).toBeGreaterThanOrEqual(2 ** 20);
    expect(seen.at(-1)).toEqual({ bytes: totalBytes, totalBytes, rows: 64 * 8192 });
  });

  it('lets the event loop turn in between', async () => {
    let turns = 0;
    const turn = (): void => void (turns++, (timer = setImmediate(turn)));
    let timer = setImmediate(turn);
    await analyze(`a,b\n${'1,23456\n'.repeat(100_000)}`);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(40);
  });
});

describe('abort', () => {
  const reason = new Error('no longer wanted');

  it('before the start takes nothing and closes the source', async () => {
    const source = Readable.from([Buffer.from('a\n1\n')]);
    await expect(analyzeCsv(source, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(source.destroyed).toBe(true);
  });

  it('while the source hangs rejects at once, closes it and leaves no listener', async () => {
    const source = new Readable({ read: () => undefined });
    const watched = countedSignal();
    source.push(Buffer.from('a\n1\n'));
    const result = analyzeCsv(source, { signal: watched.signal });
    await new Promise((resolve) => setImmediate(resolve));
    watched.abort(reason);
    await expect(result).rejects.toBe(reason);
    expect(source.destroyed).toBe(true);
    expect(watched.listeners()).toBe(0);
  });

  it('while a generator hangs rejects at once', async () => {
    const controller = new AbortController();
    async function* source(): AsyncGenerator<Buffer, void> {
      yield Buffer.from('a\n');
      await new Promise(() => undefined);
    }
    const result = analyzeCsv(source(), { signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    await expect(result).rejects.toBe(reason);
  });

  it('in the middle of a chunk stops before its end', async () => {
    const controller = new AbortController();
    let rows = 0;
    const onProgress = (progress: CsvProgress): void => {
      rows = progress.rows;
      controller.abort(reason);
    };
    await expect(analyze(`a\n${'1\n'.repeat(2 ** 21)}`, { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(rows).toBeLessThan(2 ** 20);
  });

  it('while the figures are made rejects too', async () => {
    const watched = countedSignal();
    const text = `${Array.from({ length: 50 }, (_, i) => `c${i}`).join(',')}\n`;
    async function* source(): AsyncGenerator<Buffer, void> {
      yield await Promise.resolve(Buffer.from(text));
      // The end of the source is the last turn before the figures.
      setImmediate(() => setImmediate(() => watched.abort(reason)));
    }
    await expect(analyzeCsv(source(), { signal: watched.signal })).rejects.toBe(reason);
  });

  it('leaves no listener behind when all went well', async () => {
    const watched = countedSignal();
    await analyze('a\n1\n', { signal: watched.signal });
    expect(watched.listeners()).toBe(0);
  });

  it('passes on an error of the source unchanged', async () => {
    const error = new Error('disk broke');
    async function* source(): AsyncGenerator<Buffer, void> {
      yield await Promise.resolve(Buffer.from('a\n1\n'));
      throw error;
    }
    await expect(analyzeCsv(source())).rejects.toBe(error);
  });
});

interface CountedSignal {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  listeners(): number;
}

function countedSignal(): CountedSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--;
    remove(...args);
  };
  return { signal, abort: (reason) => controller.abort(reason), listeners: () => count };
}
