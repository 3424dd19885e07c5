import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyMatcher } from '../../../src/limits/cache/key-pattern.ts';

/** By the book: a star matches nothing, or one character and a star. */
function naive(pattern: string, key: string): boolean {
  if (pattern === '') return key === '';
  if (pattern.startsWith('*')) return naive(pattern.slice(1), key) || (key !== '' && naive(pattern, key.slice(1)));
  return key.startsWith(pattern.charAt(0)) && naive(pattern.slice(1), key.slice(1));
}

const text = (alphabet: readonly string[], maxLength: number) => fc.array(fc.constantFrom(...alphabet), { maxLength }).map((letters) => letters.join(''));

describe('keyMatcher', () => {
  it('matches as the naive model does', () => {
    fc.assert(fc.property(text(['a', 'b', '*', '.'], 8), text(['a', 'b', '*', '.'], 8), (pattern, key) => keyMatcher(pattern)(key) === naive(pattern, key)), { numRuns: 3_000 });
  });

  it('makes no regular expression of a pattern, so that none can run for ever', () => {
    const matches = keyMatcher(`${'a*'.repeat(200)}b`);
    expect(matches('a'.repeat(512))).toBe(false);
    for (const sign of ['.', '+', '?', '(', '[', '\\', '^', '$', '|', '{']) expect([keyMatcher(`${sign}*`)(`${sign}x`), keyMatcher(`${sign}*`)('xx')]).toEqual([true, false]);
  });
});
