import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Duration, toMilliseconds } from '../../src/time/duration.ts';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const unit = fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[]));
const WELL_FORMED = /^\d+(\.\d+)?(ms|s|m|h|d)$/;

describe('toMilliseconds', () => {
  it('gives numbers back as they are', () => {
    fc.assert(fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (ms) => toMilliseconds(ms) === ms));
  });

  it('reads a number with a unit as that many of the unit', () => {
    fc.assert(
      fc.property(fc.nat(), unit, (count, name) => {
        expect(toMilliseconds(`${count}${name}`)).toBe(count * UNITS[name]);
      }),
    );
  });

  it('reads what it is given in a smaller unit as the same length', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom(['d', 'h', 24], ['h', 'm', 60], ['m', 's', 60], ['s', 'ms', 1_000]), (n, law) => {
        const [large, small, factor] = law as ['d', 'h', number];
        expect(toMilliseconds(`${n}${large}`)).toBe(toMilliseconds(`${n * factor}${small}`));
      }),
    );
  });

  it('reads decimals', () => {
    fc.assert(
      fc.property(fc.nat(9_999), fc.nat(999), unit, (whole, part, name) => {
        const text = `${whole}.${String(part).padStart(3, '0')}` as `${number}`;
        expect(toMilliseconds(`${text}${name}`)).toBeCloseTo((whole + part / 1_000) * UNITS[name], 3);
      }),
    );
  });

  it('refuses every other text, naming the option', () => {
    const near = fc.stringMatching(/^[-+ ]?[0-9.e,]{0,4} ?(ms|s|m|h|d|w|S|sec)?[ \n]?$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (text) => {
        fc.pre(!WELL_FORMED.test(text) || text.endsWith('\n'));
        expect(() => toMilliseconds(text as Duration, 'ttl')).toThrow(/^ttl: expected milliseconds/);
      }),
    );
  });

  it('refuses every other value, naming the option', () => {
    const broken = fc.oneof(
      fc.constantFrom(NaN, Infinity, -Infinity, -1, -0.1, undefined, null, true, 5n, Symbol('s'), () => 1, `${'9'.repeat(400)}s`),
      fc.array(fc.nat()),
      fc.object(),
    );
    fc.assert(
      fc.property(broken, (value) => {
        expect(() => toMilliseconds(value as Duration, 'ttl')).toThrow(
          expect.objectContaining({ code: 'ERR_TUNIC_OPTION', message: expect.stringMatching(/^ttl: expected .* received /) as string }),
        );
      }),
    );
  });
});
