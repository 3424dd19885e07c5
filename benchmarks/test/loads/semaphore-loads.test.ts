import { describe, expect, it } from 'vitest';
import { crowdLoad, type RunWithPermit } from '../../src/loads/crowd-load.ts';
import { type LockAdapter, lockLoad } from '../../src/loads/lock-load.ts';

/** A mutex as a chain of promises. */
function chainLock(): LockAdapter {
  let last: Promise<void> = Promise.resolve();
  const hold = async (): Promise<() => void> => {
    const before = last;
    let release = (): void => undefined;
    last = new Promise((resolve) => (release = resolve));
    await before;
    return release;
  };
  return {
    hold,
    loop: async (times, inside) => {
      for (let time = 0; time < times; time++) {
        const release = await hold();
        inside();
        release();
      }
    },
  };
}

async function attemptLock(lock: LockAdapter): Promise<void> {
  const load = lockLoad(lock);
  await load.run(10);
  await load.check();
}

describe('lockLoad', () => {
  it('passes when one permit keeps sections apart', async () => {
    await expect(attemptLock(chainLock())).resolves.toBeUndefined();
  });

  it('notices a loop that does not acquire', async () => {
    const loop: LockAdapter['loop'] = (times, inside) => {
      for (let time = 0; time < times; time++) inside();
      return Promise.resolve();
    };
    await expect(attemptLock({ ...chainLock(), loop })).rejects.toThrow('while somebody else holds the permit');
  });

  it('notices a loop that does not go on to the end', async () => {
    const lock = chainLock();
    const loop: LockAdapter['loop'] = (times, inside) => lock.loop(times - 1, inside);
    await expect(attemptLock({ ...lock, loop })).rejects.toThrow('9 of 10 sections');
  });

  it('notices a permit that is not given back', async () => {
    const lock = chainLock();
    const hold: LockAdapter['hold'] = async () => {
      await lock.hold();
      return () => undefined;
    };
    await expect(attemptLock({ ...lock, hold })).rejects.toThrow('once the permit is released');
  });
});

function counting(permits: number): RunWithPermit {
  let free = permits;
  const waiting: (() => void)[] = [];
  return async (section) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    await section();
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
}

async function attemptCrowd(crowd: number, permits: number, open: (permits: number) => RunWithPermit): Promise<void> {
  const load = crowdLoad({ crowd, permits }, open);
  await load.run(20);
  await load.check();
}

describe('crowdLoad', () => {
  it.each([
    [1, 1],
    [20, 4],
  ])('passes for %i at once and %i permits', async (crowd, permits) => {
    await expect(attemptCrowd(crowd, permits, counting)).resolves.toBeUndefined();
  });

  it.each([
    [1, 1],
    [20, 4],
  ])('notices a semaphore that lets too many in, for %i at once and %i permits', async (crowd, permits) => {
    await expect(attemptCrowd(crowd, permits, () => (section) => section())).rejects.toThrow('sections at once');
    await expect(attemptCrowd(crowd, permits, () => counting(permits + 1))).rejects.toThrow('sections at once');
  });

  it('notices a semaphore that does not give out all its permits', async () => {
    await expect(attemptCrowd(20, 4, () => counting(3))).rejects.toThrow('3 sections at once with 4 permits');
  });

  it('notices sections that never ran or never ended', async () => {
    await expect(attemptCrowd(20, 4, () => () => Promise.resolve())).rejects.toThrow('0 of 20 sections');
    const detached: RunWithPermit = (section) => {
      void section();
      return Promise.resolve();
    };
    const load = crowdLoad({ crowd: 20, permits: 4 }, () => detached);
    void load.run(20);
    await expect(async () => load.check()).rejects.toThrow('ran to their end');
  });
});
