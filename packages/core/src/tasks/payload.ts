import { TunicError } from '../errors/tunic-error.ts';

/**
 * The JSON text of a value; `undefined` where there is none.
 *
 * @throws `ERR_TUNIC_TASK_INPUT` when JSON cannot hold the value
 */
export function encodePayload(subject: string, value: unknown): string | undefined {
  const expected = `${subject}: expected a value that JSON can hold`;
  let text: string | undefined;
  try {
    text = stringify(value);
  } catch (cause) {
    throw new TunicError('ERR_TUNIC_TASK_INPUT', expected, { cause });
  }
  if (text === undefined && value !== undefined)
    throw new TunicError('ERR_TUNIC_TASK_INPUT', `${expected}, received a ${typeof value}`);
  return text;
}

/** There is no JSON for `undefined`, functions and symbols, whatever the type of `JSON.stringify` says. */
function stringify(value: unknown): string | undefined {
  return JSON.stringify(value);
}

/** The value that {@link encodePayload} was given, as far as JSON holds it. */
export function decodePayload(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
