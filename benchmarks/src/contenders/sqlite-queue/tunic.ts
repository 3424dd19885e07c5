import { createSqlTaskStore } from '@tunic/sql-adapter';
import type { Contender } from '../../harness/contender.ts';
import { queueLoad } from '../../loads/queue-load.ts';
import { openSqliteFile, type SqliteParameters } from '../../loads/sqlite-file.ts';
import { openTunicQueue } from '../../loads/tunic-queue.ts';

export function setup(parameters: SqliteParameters): Contender {
  return queueLoad(parameters, async (handler) => {
    const file = await openSqliteFile(parameters);
    const store = createSqlTaskStore({ client: file.client });
    // The tables are made here, outside the measured time.
    await store.list({ limit: 1 });
    return openTunicQueue(store, handler, async () => {
      await store[Symbol.asyncDispose]();
      file.close();
    });
  });
}
