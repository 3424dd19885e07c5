import { describe, expect, it } from 'vitest';
import { median, relativeDeviation, shuffle } from '../../src/harness/statistics.ts';

describe('median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 9])).toBe(5.5);
    expect(() => median([])).toThrow('no values');
  });
});

describe('relativeDeviation', () => {
  it('is not moved by one wild round', () => {
    expect(relativeDeviation([100, 110, 90, 100, 5_000])).toBeCloseTo(0.1);
    expect(relativeDeviation([7])).toBe(0);
    expect(relativeDeviation([0, 0])).toBe(0);
  });
});

describe('shuffle', () => {
  it('keeps every value and changes the order with chance', () => {
    const values = ['a', 'b', 'c', 'd'];
    expect(shuffle(values, () => 0)).toEqual(['a', 'b', 'c', 'd']);
    expect(shuffle(values, () => 0.999)).toEqual(['d', 'c', 'b', 'a']);
    expect(shuffle(values, Math.random).toSorted()).toEqual(values);
  });
});
