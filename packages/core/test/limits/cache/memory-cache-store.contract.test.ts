import { describe, it } from 'vitest';
import { createMemoryCacheStore } from '../../../src/limits/cache/memory-cache-store.ts';
import { cacheStoreContract } from '../../../src/testing/cache-store-contract.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

describe('createMemoryCacheStore', () => {
  const clock = createVirtualClock();
  const store = createMemoryCacheStore({ clock });
  const advance = (ms: number): Promise<void> => clock.advance(ms);
  for (const contractCase of cacheStoreContract) {
    it(contractCase.name, () => contractCase.run({ createStore: () => store, sleep: advance, advance }));
  }
});
