import { invalidOption } from '../../errors/invalid-option.ts';

/** What stands in the store for `undefined`, which JSON has no text for. */
const UNDEFINED_TEXT = '';

/**
 * The text under which a value is stored.
 *
 * @throws `ERR_TUNIC_OPTION` when JSON cannot hold the value
 */
export function encodeValue(value: unknown): string {
  if (value === undefined) return UNDEFINED_TEXT;
  let text: unknown;
  try {
    text = JSON.stringify(value);
  } catch {
    // A circle, a bigint or a toJSON that throws.
  }
  if (typeof text === 'string') return text;
  throw invalidOption('value of fn', 'a value that JSON can hold', value);
}

/** The value that {@link encodeValue} was given, as far as JSON holds it. */
export function decodeValue(text: string): unknown {
  return text === UNDEFINED_TEXT ? undefined : JSON.parse(text);
}
