const MONTHS: readonly string[] = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';

const IMF_FIXDATE = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`);
const RFC_850 = new RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-${MONTH}-(?<shortYear>\\d\\d) ${TIME} GMT$`);
const ASCTIME = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>\\d\\d| \\d) ${TIME} (?<year>\\d{4})$`);

/**
 * How long a `Retry-After` field asks to wait, in milliseconds: for a number of seconds, or until a date in any of the
 * three forms of HTTP. 0 for a date that has passed; `undefined` for what is neither, and where there is no field.
 *
 * Source: RFC 9110, §10.2.3 and §5.6.7.
 *
 * @param now - the wall clock, in milliseconds since the epoch
 * @example
 * ```ts
 * import { parseRetryAfter, systemClock } from '@tunic/core';
 *
 * parseRetryAfter('120', systemClock.now()); // 120000
 * parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 0)); // 37000
 * parseRetryAfter('soon', systemClock.now()); // undefined
 * ```
 */
export function parseRetryAfter(field: string | null | undefined, now: number): number | undefined {
  const text = field?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  const date = parseHttpDate(text, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}

function parseHttpDate(text: string, now: number): number | undefined {
  const parts = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text))?.groups;
  if (parts === undefined) return undefined;
  const numbers = [parts['day'], parts['hour'], parts['minute'], parts['second']].map(Number);
  const [day, hour, minute, second] = numbers as [number, number, number, number];
  const month = MONTHS.indexOf(parts['month'] ?? '');
  const inYear = (year: number): Date => {
    const date = new Date(0);
    // Date.UTC takes the years 0 to 99 for those of the last century.
    date.setUTCFullYear(year, month, day);
    return date;
  };
  const timeMs = ((hour * 60 + minute) * 60 + second) * 1000;
  const { year, shortYear } = parts;
  const date = year === undefined ? inNearestCentury(Number(shortYear), now - timeMs, inYear) : inYear(Number(year));
  // The 30th of February has become a day of March.
  return date.getUTCDate() === day ? date.getTime() + timeMs : undefined;
}

/** A two-digit year that seems more than 50 years ahead is the latest past year that ends so. */
function inNearestCentury(shortYear: number, now: number, inYear: (year: number) => Date): Date {
  const thisYear = new Date(now).getUTCFullYear();
  const limit = new Date(now).setUTCFullYear(thisYear + 50);
  let year = thisYear - (thisYear % 100) + 100 + shortYear;
  while (inYear(year).getTime() > limit) year -= 100;
  return inYear(year);
}
