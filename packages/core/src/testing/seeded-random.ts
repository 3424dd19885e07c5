/**
 * Pseudo-random numbers in [0, 1) that are the same for the same seed; for every `random` option in a test.
 *
 * Source: mulberry32 by Tommy Ettinger (public domain).
 *
 * @example
 * ```ts
 * import { createSeededRandom } from '@tunic/core/testing';
 *
 * createSeededRandom(1)() === createSeededRandom(1)(); // true
 * ```
 */
export function createSeededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
