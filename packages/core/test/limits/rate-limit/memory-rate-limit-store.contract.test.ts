import { describe, it } from 'vitest';
import { createMemoryRateLimitStore } from '../../../src/limits/rate-limit/memory-rate-limit-store.ts';
import { rateLimitStoreContract } from '../../../src/testing/rate-limit-store-contract.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

describe('createMemoryRateLimitStore', () => {
  const clock = createVirtualClock();
  const store = createMemoryRateLimitStore({ clock });
  const advance = (ms: number): Promise<void> => clock.advance(ms);
  for (const contractCase of rateLimitStoreContract) {
    it(contractCase.name, () => contractCase.run({ createStore: () => store, sleep: advance, advance }));
  }
});
