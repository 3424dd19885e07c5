import { TunicError, isTunicError } from '@tunic/core';

const BUSY = 5;
const LOCKED = 6;
const FULL = 13;
const CODES: Readonly<Record<string, number>> = { BUSY, LOCKED, FULL };

/**
 * SQLite's primary result code: node:sqlite gives the number in `errcode`, libsql in `rawCode`, better-sqlite3 only its
 * name in `code`. The low byte of an extended code is the primary one.
 */
function resultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { errcode, rawCode, code } = error as Record<string, unknown>;
  if (typeof errcode === 'number') return errcode & 0xff;
  if (typeof rawCode === 'number') return rawCode & 0xff;
  const name = typeof code === 'string' ? /^SQLITE_([A-Z]+)/.exec(code)?.[1] : undefined;
  return name === undefined ? undefined : CODES[name];
}

/** Whether another connection holds the lock that was needed. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/** What a driver threw as a {@link TunicError}; one that is one already stays as it is. */
export function toStoreError(error: unknown): unknown {
  if (isTunicError(error)) return error;
  if (resultCode(error) === FULL)
    return new TunicError('ERR_TUNIC_STORE_FULL', 'the database has no room left', { cause: error, retryable: true });
  const message = error instanceof Error ? error.message : String(error);
  return new TunicError('ERR_TUNIC_STORE', `SQLite: ${message}`, { cause: error });
}
