import { describe, expect, it } from 'vitest';
import { checkFunction, checkInteger, checkText, invalidOption, isStorable } from '../../src/errors/invalid-option.ts';

describe('invalidOption', () => {
  it('names the option, what it expects and what it got', () => {
    expect(invalidOption('ttl', 'a duration', 'soon')).toMatchObject({
      code: 'ERR_TUNIC_OPTION',
      message: 'ttl: expected a duration, received "soon"',
      retryable: false,
    });
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [NaN, 'NaN'],
    [5n, '5'],
    [Symbol('s'), 'Symbol(s)'],
    [[1, 2], 'an array of 2'],
    [{ a: 1, b: 2 }, 'an object (a, b)'],
    [function named() {}, 'function named'],
    ['x'.repeat(100), `"${'x'.repeat(77)}…"`],
    ['a\nb', '"a\\nb"'],
  ])('shows %s on one line', (value, shown) => {
    expect(invalidOption('o', 'x', value).message).toBe(`o: expected x, received ${shown}`);
  });

  it('shows even what throws on every touch', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(invalidOption('o', 'x', proxy).message).toContain('cannot be shown');
  });
});

describe('checks', () => {
  it('accepts whole numbers within bounds only', () => {
    expect(checkInteger('n', 3, 1, 5)).toBe(3);
    for (const bad of [0, 6, 1.5, NaN, Infinity, '3' as never]) expect(() => checkInteger('n', bad, 1, 5)).toThrow(/^n: expected a whole number from 1 to 5/);
    expect(() => checkInteger('n', 0, 1)).toThrow(/≥ 1/);
  });

  it('accepts functions only', () => {
    expect(() => checkFunction('run', () => 1)).not.toThrow();
    expect(() => checkFunction('run', {})).toThrow(/^run: expected a function/);
  });

  it('accepts texts that every store can hold', () => {
    expect(checkText('key', '__proto__ 日本 🎉', 512)).toBe('__proto__ 日本 🎉');
    for (const bad of ['', 'x'.repeat(513), 'a\0b', '\ud800', 'a\udc00', 5 as never]) expect(() => checkText('key', bad, 512)).toThrow(/^key: expected a text of 1 to 512/);
    expect([isStorable('🎉'), isStorable('\ud83c'), isStorable('\0')]).toEqual([true, false, false]);
  });
});
