/** Numbers in [0, 1) that are the same on every run; source: xorshift32, Marsaglia (2003). */
export function createSeededRandom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
