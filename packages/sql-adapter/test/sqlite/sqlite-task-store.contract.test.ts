import type { TaskStore } from '@tunic/core';
import { createVirtualClock, taskStoreContract } from '@tunic/core/testing';
import { describe, it } from 'vitest';
import { createSqlTaskStore, openSqlite } from '../../src/index.ts';
import { tempFile } from '../support/temp-file.ts';

describe('the task store on SQLite keeps the contract:', () => {
  it.each(taskStoreContract.map((contractCase) => [contractCase.name, contractCase.run] as const))('%s', async (_, run) => {
    const clock = createVirtualClock();
    const file = tempFile();
    const opened: (() => Promise<void>)[] = [];
    const open = async (): Promise<TaskStore> => {
      const client = await openSqlite(file, { synchronous: 'normal', clock });
      const store = createSqlTaskStore({ client, clock });
      opened.push(async () => {
        await store[Symbol.asyncDispose]();
        client.close();
      });
      return store;
    };
    await run({ open, advance: (ms) => clock.advance(ms), unitMs: 1000 });
    for (const close of opened) await close();
  });
});
