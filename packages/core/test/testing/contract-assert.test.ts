import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectEqual, expectTrue } from '../../src/testing/contract-assert.ts';

const differs = (a: unknown, b: unknown): boolean => {
  try {
    expectEqual(a, b, 'it');
    return false;
  } catch {
    return true;
  }
};

describe('expectEqual', () => {
  it('accepts every piece of plain data as equal to its copy', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => !differs(value, JSON.parse(JSON.stringify(value)))));
  });

  it('agrees with comparing the JSON of flat data', () => {
    const flat = fc.array(fc.oneof(fc.constantFrom(null, true, '', '0', 0, 1), fc.array(fc.nat(1), { maxLength: 2 })), { maxLength: 2 });
    fc.assert(fc.property(flat, flat, (a, b) => differs(a, b) === (JSON.stringify(a) !== JSON.stringify(b))));
  });

  it.each([
    [0, -0],
    [undefined, null],
    [{ a: undefined }, {}],
    [{}, { a: undefined }],
    [{ a: undefined }, { b: undefined }],
    [[], {}],
    [1, '1'],
    [5n, 6n],
  ])('tells %o from %o', (a, b) => {
    expect(differs(a, b)).toBe(true);
  });

  it('says what was compared, what was expected and what came', () => {
    expect(() => expectEqual({ a: 1 }, [2], 'the reply')).toThrow('the reply: expected [2], received {"a":1}');
    expect(() => expectEqual('x'.repeat(1_000), '', 'the text')).toThrow(/… \(1002 characters\)$/);
  });
});

describe('expectTrue', () => {
  it('says what should be the case', () => {
    expect(() => expectTrue(false, 'one owner')).toThrow('expected one owner');
    expect(() => expectTrue(true, 'one owner')).not.toThrow();
  });
});
