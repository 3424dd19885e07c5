import { describe, it } from 'vitest';
import { createMemoryLockStore } from '../../../src/limits/lock/memory-lock-store.ts';
import { lockStoreContract } from '../../../src/testing/lock-store-contract.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

describe('createMemoryLockStore', () => {
  const clock = createVirtualClock();
  const store = createMemoryLockStore({ clock });
  const advance = (ms: number): Promise<void> => clock.advance(ms);
  for (const contractCase of lockStoreContract) {
    it(contractCase.name, () => contractCase.run({ createStore: () => store, sleep: advance, advance }));
  }
});
