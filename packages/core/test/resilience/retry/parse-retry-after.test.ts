import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../../src/resilience/retry/parse-retry-after.ts';

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0);
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

describe('parseRetryAfter', () => {
  it('reads a number of seconds', () => {
    expect(['0', '120', ' 7\t', '007'].map((field) => parseRetryAfter(field, NOW))).toEqual([0, 120_000, 7000, 7000]);
    expect(parseRetryAfter('9'.repeat(400), NOW)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('reads all three forms of the date in the RFC', () => {
    const now = Date.UTC(1994, 10, 6, 8, 49, 0);
    for (const field of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])
      expect(parseRetryAfter(field, now)).toBe(37_000);
  });

  it('gives 0 for a date that has passed', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', NOW)).toBe(0);
  });

  it('takes a two-digit year more than fifty years ahead for a past one', () => {
    const wait = (year: string): number | undefined => parseRetryAfter(`Monday, 15-Jun-${year} 12:00:00 GMT`, NOW);
    expect(wait('76')).toBe(Date.UTC(2076, 5, 15, 12) - NOW);
    expect(wait('77')).toBe(0);
    expect(parseRetryAfter('Monday, 15-Jun-76 12:00:01 GMT', NOW)).toBe(0);
    expect(parseRetryAfter('Friday, 01-Jan-00 00:00:00 GMT', Date.UTC(2099, 11, 31))).toBe(86_400_000);
    expect(parseRetryAfter('Tuesday, 29-Feb-28 00:00:00 GMT', NOW)).toBe(Date.UTC(2028, 1, 29) - NOW);
  });

  it('takes a leap second', () => {
    expect(parseRetryAfter('Wed, 31 Dec 2036 23:59:60 GMT', NOW)).toBe(Date.UTC(2037, 0, 1) - NOW);
  });

  it.each([
    null, undefined, '', ' ', '-1', '+1', '1.5', '1e3', '0x10', '12 seconds', 'soon', '5, 6', 'Infinity',
    'Sun, 6 Nov 2094 08:49:37 GMT', 'Sun, 06 Nov 2094 08:49:37', 'Sun, 06 Nov 2094 08:49:37 UTC', 'sun, 06 nov 2094 08:49:37 gmt',
    'Sun, 31 Feb 2094 08:49:37 GMT', 'Sun, 00 Nov 2094 08:49:37 GMT', 'Sun, 06 Nov 2094 24:00:00 GMT', 'Sun, 06 Nov 2094 08:60:00 GMT',
    'Sun, 06 Nov 2094 08:49:61 GMT', 'Sun, 06-Nov-94 08:49:37 GMT', 'Sunday, 29-Feb-27 08:49:37 GMT', 'Sun Nov 6 08:49:37 2094',
    '2094-11-06T08:49:37Z', '1 Jan 2094',
  ])('refuses %o', (field) => {
    expect(parseRetryAfter(field, NOW)).toBeUndefined();
  });

  it('gives back any second of any date, in every form that can hold it', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), fc.integer({ min: 0, max: 4e15 }), (date, nowSeed) => {
        date.setUTCMilliseconds(0);
        const now = (nowSeed % 3e14) - 6e13;
        const fixdate = date.toUTCString();
        const [, day = '', month = '', year = '', time = ''] = fixdate.split(' ');
        const expected = Math.max(0, date.getTime() - now);
        expect(parseRetryAfter(fixdate, now)).toBe(expected);
        expect(parseRetryAfter(`${fixdate.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`, now)).toBe(expected);
        const near = new Date(now).getUTCFullYear();
        if (Math.abs(date.getUTCFullYear() - near) < 49)
          expect(parseRetryAfter(`${DAYS[date.getUTCDay()] ?? ''}, ${day}-${month}-${year.slice(-2)} ${time} GMT`, now)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws and never gives anything but a finite wait', () => {
    fc.assert(
      fc.property(fc.string(), (field) => {
        const wait = parseRetryAfter(field, NOW);
        expect(wait === undefined || (wait >= 0 && Number.isFinite(wait))).toBe(true);
      }),
    );
  });
});
