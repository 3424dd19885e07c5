import { describe, expect, it } from 'vitest';
import { measureContender } from '../../src/harness/measure-contender.ts';

describe('measureContender', () => {
  it('warms up, prepares anew, runs, checks and closes, in this order', async () => {
    const calls: string[] = [];
    const contender = {
      prepare: (ops: number) => void calls.push(`prepare ${ops}`),
      run: (ops: number) => void calls.push(`run ${ops}`),
      check: () => void calls.push('check'),
      close: () => void calls.push('close'),
    };
    const { cpuNs, wallNs } = await measureContender(contender, 100, 20);
    expect(calls).toEqual(['prepare 20', 'run 20', 'prepare 100', 'run 100', 'check', 'close']);
    expect(wallNs).toBeGreaterThan(0);
    expect(cpuNs).toBeGreaterThanOrEqual(0);
  });

  it('has no figure for work that was not done', async () => {
    let closed = false;
    const contender = { run: () => undefined, check: () => Promise.reject(new Error('not done')), close: () => void (closed = true) };
    await expect(measureContender(contender, 1, 1)).rejects.toThrow('not done');
    expect(closed).toBe(true);
  });
});
