import { checkText } from '../errors/invalid-option.ts';

/**
 * `checkText` for keys that are checked on every call: plain ones pass without the regular expression, which takes
 * longer than a whole decision in memory.
 *
 * @throws `ERR_TUNIC_OPTION`
 */
export function checkKey(key: string, max: number): string {
  return typeof key === 'string' && key.length > 0 && key.length <= max && isPlain(key) ? key : checkText('key', key, max);
}

function isPlain(key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    if (unit === 0 || (unit & 0xf800) === 0xd800) return false;
  }
  return true;
}
