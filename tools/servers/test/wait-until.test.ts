import { describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';

describe('waitUntil', () => {
  it('gives what the check gives once it fulfils', async () => {
    let calls = 0;
    expect(await waitUntil(() => (++calls < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(calls)), { withinMs: 10_000 })).toBe(3);
  });

  it('rejects with the last error when the time is over', async () => {
    await expect(waitUntil(() => Promise.reject(new Error('not yet')), { withinMs: 0 })).rejects.toThrow('not yet');
  });

  it('rejects at once when waiting has become pointless', async () => {
    const unless = Promise.resolve('it ended');
    await expect(waitUntil(() => Promise.reject(new Error('not yet')), { withinMs: 60_000, unless })).rejects.toThrow('it ended');
  });
});
