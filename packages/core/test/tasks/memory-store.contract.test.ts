import { describe, it } from 'vitest';
import { createMemoryTaskStore } from '../../src/tasks/memory-store.ts';
import { taskStoreContract } from '../../src/testing/task-store-contract.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

describe('the memory task store keeps the contract', () => {
  for (const { name, run } of taskStoreContract)
    it(name, async () => {
      const clock = createVirtualClock();
      const store = createMemoryTaskStore({ clock });
      await run({ open: () => Promise.resolve(store), advance: (ms) => clock.advance(ms), unitMs: 1000 });
    });
});
