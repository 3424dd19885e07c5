import { invalidOption } from '../errors/invalid-option.ts';

type Unit = 'ms' | 's' | 'm' | 'h' | 'd';

/**
 * A length of time: a number of milliseconds, or a number with a unit: `'250ms'`, `'30s'`, `'5m'`, `'2h'`, `'1d'`.
 * Never negative, never `NaN`, never infinite.
 */
export type Duration = number | `${number}${Unit}`;

const UNIT_MS: Readonly<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Turns a {@link Duration} into milliseconds.
 *
 * @param name - the option named in the error
 * @throws `ERR_TUNIC_OPTION` when the value is no duration
 * @example
 * ```ts
 * import { toMilliseconds } from '@tunic/core';
 *
 * toMilliseconds('1.5s'); // 1500
 * toMilliseconds(250); // 250
 * ```
 */
export function toMilliseconds(duration: Duration, name = 'duration'): number {
  if (typeof duration === 'number' && duration >= 0 && duration < Infinity) return duration;
  if (typeof duration === 'string') {
    const match = PATTERN.exec(duration);
    if (match !== null) {
      const ms = Number(match[1]) * UNIT_MS[match[2] as Unit];
      if (ms < Infinity) return ms;
    }
  }
  throw invalidOption(name, "milliseconds ≥ 0 or a string like '250ms', '30s', '5m', '2h', '1d'", duration);
}
