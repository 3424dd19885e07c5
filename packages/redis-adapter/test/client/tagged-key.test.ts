import { describe, expect, it } from 'vitest';
import { checkPrefix, taggedKey } from '../../src/client/tagged-key.ts';

/** What a Cluster hashes: between the first `{` and the first `}` behind it, unless that is empty. */
function hashed(key: string): string {
  return /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

describe('taggedKey', () => {
  it('puts kind and id into the hash tag', () => {
    expect(taggedKey('tunic:', 'idempotency', 'order-17')).toBe('tunic:{idempotency:order-17}');
  });

  it.each([['order-17'], ['}'], ['}{'], ['{}'], ['{a}b'], ['a}b'], ['é😀'], [' ']])('keeps all keys of %j in one slot', (id) => {
    const key = taggedKey('tunic:', 'idempotency', id);
    expect(hashed(`${key}:one`)).toBe(hashed(`${key}:two`));
  });

  it('keeps ids apart', () => {
    const ids = ['a', 'b', 'a}', 'a}b', '{a}', 'a}}', ''];
    expect(new Set(ids.map((id) => taggedKey('', 'idempotency', id))).size).toBe(ids.length);
  });

  it.each([['{'], ['}'], ['{app}:']])('refuses the prefix %j', (prefix) => {
    expect(() => checkPrefix(prefix)).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_OPTION' }));
  });

  it('takes any other prefix, also none', () => {
    expect(checkPrefix('')).toBe('');
    expect(checkPrefix('app:é:')).toBe('app:é:');
  });
});
