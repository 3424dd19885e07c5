import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Backoff, constant, exponential, type Jitter, linear } from '../../../src/resilience/retry/backoff.ts';
import { createSeededRandom } from '../../../src/testing/seeded-random.ts';

const lengths = fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.double({ min: 0, max: 1e9, noNaN: true }));
const attempt = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.double(), fc.constantFrom(Infinity, NaN, 2 ** 53, 0, -1));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const JITTERS: Jitter[] = ['none', 'full', 'equal', 'decorrelated'];

const REFUSED: unknown = expect.objectContaining({ code: 'ERR_TUNIC_OPTION' });
const waits = (backoff: Backoff, count: number): number[] => Array.from({ length: count }, (_, i) => backoff(i + 1, 0, () => 0.5));

describe('backoff', () => {
  it.each(JITTERS)('exponential with jitter %s stays within its bounds for any attempt', (jitter) => {
    fc.assert(
      fc.property(lengths, fc.double({ min: 1, max: 1e300, noNaN: true }), attempt, chance, fc.double(), (range, factor, n, random, previous) => {
        const [base, max] = [Math.min(...range), Math.max(...range)];
        const ms = exponential({ base, max, factor, jitter })(n, previous, () => random);
        expect(ms).toBeGreaterThanOrEqual(jitter === 'decorrelated' ? base : 0);
        expect(ms).toBeLessThanOrEqual(max);
      }),
    );
  });

  it.each(['none', 'full', 'equal'] as const)('linear with jitter %s stays within its bounds for any attempt', (jitter) => {
    fc.assert(
      fc.property(lengths, fc.double({ min: 0, max: 1e300, noNaN: true }), attempt, chance, (range, step, n, random) => {
        const [base, max] = [Math.min(...range), Math.max(...range)];
        const ms = linear({ base, max, step, jitter })(n, 0, () => random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('grows as its name says', () => {
    expect(waits(constant('2s'), 3)).toEqual([2000, 2000, 2000]);
    expect(waits(linear({ base: '1s', step: '500ms', max: '2s' }), 4)).toEqual([1000, 1500, 2000, 2000]);
    expect(waits(linear({ base: 10 }), 3)).toEqual([10, 20, 30]);
    expect(waits(exponential({ base: 10, max: 70, jitter: 'none' }), 5)).toEqual([10, 20, 40, 70, 70]);
    expect(waits(exponential({ base: 10, max: 70, jitter: 'full' }), 4)).toEqual([5, 10, 20, 35]);
    expect(waits(exponential({ base: 10, max: 70, jitter: 'equal' }), 4)).toEqual([7.5, 15, 30, 52.5]);
    expect(exponential({ base: 10, max: 70, jitter: 'decorrelated' })(2, 20, () => 0.5)).toBe(35);
  });

  it.each(['full', 'equal', 'decorrelated'] as const)('caps before it spreads: %s does not pile up at the cap', (jitter) => {
    const random = createSeededRandom(7);
    const backoff = exponential({ base: 100, max: 400, jitter });
    let previous = 0;
    const late = Array.from({ length: 200 }, (_, i) => (previous = backoff(i + 10, previous, random)));
    expect(late.filter((ms) => ms >= 399)).not.toHaveLength(200);
    expect(late.filter((ms) => ms >= 399).length).toBeLessThan(20);
    expect(new Set(late.map((ms) => Math.floor(ms / 50))).size).toBeGreaterThan(jitter === 'equal' ? 3 : 4);
  });

  it('refuses bad options by name', () => {
    expect(() => exponential({ base: '2s', max: '1s' })).toThrow(/^max: /);
    expect(() => exponential({ factor: 0.5 })).toThrow(/^factor: /);
    expect(() => exponential({ jitter: 'some' as never })).toThrow(/^jitter: /);
    expect(() => linear({ jitter: 'decorrelated' as never })).toThrow(/^jitter: /);
    expect(() => linear({ step: -1 })).toThrow(/^step: /);
    expect(() => constant(NaN)).toThrow(REFUSED);
    expect(waits(exponential({ base: '1m', jitter: 'none' }), 2)).toEqual([60_000, 60_000]);
  });
});
