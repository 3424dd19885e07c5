import { invalidOption } from '@tunic/core';

/**
 * Checks a number of bytes and returns it; `Infinity` means no limit.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function checkLimit(name: string, limit: number): number {
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return limit;
  throw invalidOption(name, 'a number of bytes ≥ 0, or Infinity', limit);
}
