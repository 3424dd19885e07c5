import { checkInteger, invalidOption } from '../../errors/invalid-option.ts';
import { type Duration, toMilliseconds } from '../../time/duration.ts';

type Unit = 'ms' | 's' | 'm' | 'h' | 'd';

/** So much per length of time: `'100/m'`, `'5/30s'`, or `{ limit: 100, window: '1m' }`. */
export type Rate = `${number}/${Unit}` | `${number}/${number}${Unit}` | { limit: number; window: Duration };

/** The most that a limit, a burst or a change by hand can be. */
export const MAX_COST = 1_000_000_000;

const PATTERN = /^(\d{1,10})\/(\d+(?:\.\d+)?)?(ms|s|m|h|d)$/;

/**
 * Turns a {@link Rate} into numbers.
 *
 * @throws `ERR_TUNIC_OPTION` unless the limit is a whole number from 1 to 1,000,000,000 and the window longer than nothing
 */
export function readRate(rate: Rate, name = 'limit'): { limit: number; windowMs: number } {
  const { limit, window } = typeof rate === 'object' ? rate : splitRate(rate, name);
  const windowMs = toMilliseconds(window, 'window');
  if (windowMs === 0) throw invalidOption('window', 'a duration longer than 0', window);
  return { limit: checkInteger(name, limit, 1, MAX_COST), windowMs };
}

function splitRate(rate: string, name: string): { limit: number; window: Duration } {
  const match = PATTERN.exec(rate);
  if (match === null) throw invalidOption(name, "a rate like '100/m' or '5/30s', or { limit, window }", rate);
  return { limit: Number(match[1]), window: `${Number(match[2] ?? 1)}${match[3] as Unit}` };
}
