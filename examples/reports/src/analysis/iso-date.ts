const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Years below 100 mean 19xx to `Date.UTC`, so it is asked about the same day 400 years later: one cycle of the calendar. */
const CYCLE_YEARS = 400;
const CYCLE_MS = 146_097 * 86_400_000;

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year + CYCLE_YEARS, month, 0)).getUTCDate();
}

function offsetMs(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * Reads a date (2024-02-29) or a date with a time (2024-02-29T12:30:00.5+01:00, or with a space) in the extended
 * format of ISO 8601 as milliseconds since 1970. Without a zone it is taken as UTC; days that don't exist are refused.
 */
export function parseIsoDate(text: string): number | undefined {
  if (text.length < 10 || text.charCodeAt(4) !== 0x2d) return undefined;
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part?: string) => Number(part ?? 0));
  const offset = offsetMs(match[8]);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offset === undefined) return undefined;
  const fraction = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  return Date.UTC(year + CYCLE_YEARS, month - 1, day, hour, minute, second, fraction) - CYCLE_MS - offset;
}

/** Writes milliseconds since 1970 as a date, with its time (UTC) if wanted. */
export function formatIsoDate(ms: number, withTime: boolean): string {
  const text = new Date(ms).toISOString();
  return withTime ? text : text.slice(0, -'T00:00:00.000Z'.length);
}
