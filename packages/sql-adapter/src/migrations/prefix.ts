import { invalidOption } from '@tunic/core';

const PATTERN = /^[a-z_][a-z0-9_]{0,30}$/i;

/**
 * Checks what begins the name of every table; it goes into statements as it is.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function checkPrefix(prefix: string): string {
  if (typeof prefix === 'string' && PATTERN.test(prefix)) return prefix;
  throw invalidOption('prefix', 'a letter or "_", then up to 30 letters, digits or "_"', prefix);
}
