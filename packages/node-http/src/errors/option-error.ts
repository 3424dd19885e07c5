import { TunicError } from '@tunic/core';

/** The error of a value that was refused where it was given: which one, what it expects, what came. */
export function optionError(name: string, expected: string, received: unknown): TunicError {
  const shown = typeof received === 'string' ? JSON.stringify(received.slice(0, 80)) : typeof received;
  return new TunicError('ERR_TUNIC_OPTION', `${name}: expected ${expected}, received ${shown}`);
}

/**
 * Checks a number of bytes and returns it; `Infinity` means no limit.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function checkLimit(name: string, limit: number): number {
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return limit;
  throw optionError(name, 'a number of bytes ≥ 0, or Infinity', String(limit));
}
