import { createVirtualClock, idempotencyStoreContract } from '@tunic/core/testing';
import { describe, it } from 'vitest';
import { createSqlIdempotencyStore, openSqlite } from '../../src/index.ts';
import { tempFile } from '../support/temp-file.ts';

describe('the idempotency store on SQLite keeps the contract:', () => {
  it.each(idempotencyStoreContract.map((contractCase) => [contractCase.name, contractCase.run] as const))('%s', async (_, run) => {
    const clock = createVirtualClock();
    const file = tempFile();
    const advance = (ms: number): Promise<void> => clock.advance(ms);
    const createStore = async () => createSqlIdempotencyStore({ client: await openSqlite(file, { clock, synchronous: 'normal' }), clock });
    await run({ createStore, sleep: advance, advance });
  });
});
