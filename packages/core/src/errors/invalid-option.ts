import { TunicError } from './tunic-error.ts';

/** Shows a received value in a message: short, on one line, never throwing. */
function show(value: unknown): string {
  try {
    return summarise(value);
  } catch {
    return 'a value that cannot be shown';
  }
}

function summarise(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}…` : value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? `an array of ${value.length}` : `an object (${Object.keys(value).slice(0, 5).join(', ')})`;
}

/**
 * The error of every bad option, `ERR_TUNIC_OPTION`: which one, what it expects, what came; for those who write adapters.
 *
 * @example
 * ```ts
 * import { invalidOption } from '@tunic/core';
 *
 * invalidOption('limit', 'a whole number ≥ 1', 0).message; // 'limit: expected a whole number ≥ 1, received 0'
 * ```
 */
export function invalidOption(name: string, expected: string, received: unknown): TunicError {
  return new TunicError('ERR_TUNIC_OPTION', `${name}: expected ${expected}, received ${show(received)}`);
}

/**
 * Checks a whole number within bounds and returns it.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function checkInteger(name: string, value: number, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const bounds = max === Number.MAX_SAFE_INTEGER ? `≥ ${min}` : `from ${min} to ${max}`;
  throw invalidOption(name, `a whole number ${bounds}`, value);
}

/**
 * Checks that something can be called.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidOption(name, 'a function', value);
}

/**
 * Checks a text that is not empty, within `max` characters and without NUL or lone surrogates (which neither SQL nor
 * UTF-8 can hold), and returns it.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function checkText(name: string, value: string, max: number): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= max && isStorable(value)) return value;
  throw invalidOption(name, `a text of 1 to ${max} characters, without NUL and well-formed`, value);
}

const UNSTORABLE = /\0|\p{Surrogate}/u;

/** Whether every store can hold the text exactly. */
export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}
