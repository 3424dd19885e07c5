import { type Clock, type Duration, TunicError, systemClock, toMilliseconds, systemRandom, invalidOption } from '@tunic/core';
import { retryWhileBusy } from './retry-while-busy.ts';
import type { SqliteClient } from './sqlite-client.ts';

/** Options of {@link openSqlite}. */
export interface OpenSqliteOptions {
  /**
   * What survives a power cut. `full`: every confirmed write, at the price of one sync of the disk for each
   * transaction. `normal`: the file is whole, but the last confirmed writes may be gone. Either survives the end of the
   * process. Default: `full`.
   */
  synchronous?: 'full' | 'normal';
  /** How long to wait while another process prepares the same file. Default: 10 s. */
  busyTimeout?: Duration;
  /** Default: the machine's. */
  clock?: Clock;
  /** Numbers in [0, 1) for the pauses between attempts. Default: `Math.random`. */
  random?: () => number;
}

type Constructor = new (file: string) => SqliteClient;

async function load(specifier: string): Promise<Record<string, unknown> | undefined> {
  try {
    return (await import(/* @vite-ignore */ specifier)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

async function findDriver(): Promise<Constructor> {
  const driver = (await load('node:sqlite'))?.['DatabaseSync'] ?? (await load('libsql'))?.['default'];
  if (driver !== undefined) return driver as Constructor;
  throw new TunicError(
    'ERR_TUNIC_STORE',
    'no SQLite driver: this runtime has no node:sqlite; install one with `npm install libsql`, or open the file ' +
      'with better-sqlite3 and hand its Database to the store',
  );
}

/**
 * Opens an SQLite file (`':memory:'` for none) in WAL mode, creating it where it is missing: with the runtime's own
 * node:sqlite where there is one, else with the optional peer `libsql`. A locked file never blocks the event loop: the
 * stores wait for it on their clock. Several processes may open one file, on a local disk.
 *
 * @throws `ERR_TUNIC_STORE` when there is no driver or the file cannot be opened; `ERR_TUNIC_STORE_BUSY` when another
 * process keeps the file locked
 * @example
 * ```ts
 * import { createSqlTaskStore, openSqlite } from '@tunic/sql-adapter';
 *
 * using client = await openSqlite(':memory:');
 * await using store = createSqlTaskStore({ client });
 * await store.list({ limit: 10 }); // []
 * ```
 */
export async function openSqlite(file: string, options: OpenSqliteOptions = {}): Promise<SqliteClient & Disposable> {
  const { synchronous = 'full', clock = systemClock, random = systemRandom, busyTimeout = '10s' } = options;
  if (!['full', 'normal'].includes(synchronous))
    throw invalidOption('synchronous', "'full' or 'normal'", synchronous);
  const policy = { clock, random, busyTimeoutMs: toMilliseconds(busyTimeout, 'busyTimeout') };
  const Driver = await findDriver();
  const database = await retryWhileBusy(policy, () => new Driver(file));
  try {
    database.exec('PRAGMA busy_timeout = 0');
    await retryWhileBusy(policy, () => database.prepare('PRAGMA journal_mode = WAL').all());
    database.exec(`PRAGMA synchronous = ${synchronous}`);
  } catch (error) {
    database.close();
    throw error;
  }
  let open = true;
  const close = (): void => {
    if (open) database.close();
    open = false;
  };
  return { exec: (sql) => database.exec(sql), prepare: (sql) => database.prepare(sql), close, [Symbol.dispose]: close };
}
