import { type Contender, prove } from '../harness/contender.ts';

/** A semaphore with one permit, as {@link lockLoad} uses it. */
export interface LockAdapter {
  /** Acquires, calls `inside` and releases, `times` times. */
  loop(times: number, inside: () => void): Promise<void>;
  /** Acquires and answers how to release. */
  hold(): Promise<() => void>;
}

/** Acquires and releases one permit that nobody else wants. */
export function lockLoad(lock: LockAdapter): Contender {
  let asked = 0;
  let entered = 0;
  const inside = (): void => void entered++;
  return {
    run: async (ops) => {
      asked = ops;
      entered = 0;
      await lock.loop(ops, inside);
    },
    check: async () => {
      prove(asked > 0 && entered === asked, `${entered} of ${asked} sections ran`);
      const release = await lock.hold();
      const waiting = lock.loop(3, inside);
      await macrotask();
      prove(entered === asked, 'a section does not run while somebody else holds the permit');
      release();
      await Promise.race([waiting, macrotask()]);
      prove(entered === asked + 3, 'the sections run once the permit is released');
    },
  };
}

/** Long enough for every chain of microtasks. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
