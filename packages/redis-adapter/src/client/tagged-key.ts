import { invalidOption } from '@tunic/core';

/**
 * Checks the text before all keys of a store.
 *
 * @throws `ERR_TUNIC_OPTION` when it holds a brace: a Cluster would take the hash tag from there
 */
export function checkPrefix(prefix: string): string {
  if (typeof prefix === 'string' && !/[{}]/.test(prefix)) return prefix;
  throw invalidOption('prefix', 'a text without braces', prefix);
}

/**
 * The Redis key of one thing. Whatever is put behind it, all keys of the same prefix, kind and id share a
 * Cluster slot: the kind keeps the tag from being empty, also where the id begins with a brace.
 */
export function taggedKey(prefix: string, kind: string, id: string): string {
  return `${prefix}{${kind}:${id}}`;
}
