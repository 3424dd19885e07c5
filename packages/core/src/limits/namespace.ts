import { checkText, invalidOption } from '../errors/invalid-option.ts';

/** The longest key that a store must hold. */
export const MAX_KEY_LENGTH = 512;

/**
 * What goes before every key of a namespace: `namespace:`, or nothing.
 *
 * @throws `ERR_TUNIC_OPTION` when the namespace could be taken for part of a key or of a pattern
 */
export function namespacePrefix(namespace: string | undefined): string {
  if (namespace === undefined) return '';
  checkText('namespace', namespace, 128);
  if (/[:*]/.test(namespace)) throw invalidOption('namespace', "a text without ':' and '*'", namespace);
  return `${namespace}:`;
}
