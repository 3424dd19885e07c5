import { TunicError, type TunicErrorCode, isTunicError } from '@tunic/core';

/** Codes of PostgreSQL (SQLSTATE) and mysql2 (names) for troubles that pass. */
const PASSING: Readonly<Record<string, TunicErrorCode>> = {
  '40001': 'ERR_TUNIC_STORE_BUSY',
  '40P01': 'ERR_TUNIC_STORE_BUSY',
  '55P03': 'ERR_TUNIC_STORE_BUSY',
  '53300': 'ERR_TUNIC_STORE_BUSY',
  ER_LOCK_DEADLOCK: 'ERR_TUNIC_STORE_BUSY',
  ER_LOCK_WAIT_TIMEOUT: 'ERR_TUNIC_STORE_BUSY',
  ER_CON_COUNT_ERROR: 'ERR_TUNIC_STORE_BUSY',
  '53100': 'ERR_TUNIC_STORE_FULL',
  ER_RECORD_FILE_FULL: 'ERR_TUNIC_STORE_FULL',
  ER_DISK_FULL: 'ERR_TUNIC_STORE_FULL',
  '57P01': 'ERR_TUNIC_STORE',
  '57P02': 'ERR_TUNIC_STORE',
  '57P03': 'ERR_TUNIC_STORE',
  ER_SERVER_SHUTDOWN: 'ERR_TUNIC_STORE',
  PROTOCOL_CONNECTION_LOST: 'ERR_TUNIC_STORE',
  ECONNREFUSED: 'ERR_TUNIC_STORE',
  ECONNRESET: 'ERR_TUNIC_STORE',
  EPIPE: 'ERR_TUNIC_STORE',
  ETIMEDOUT: 'ERR_TUNIC_STORE',
};

/** SQLSTATE class 08 of PostgreSQL: the connection broke. */
const CONNECTION = /^08[0-9A-Z]{3}$/;

/** What a server's driver threw as a {@link TunicError}; one that is one already stays as it is. */
export function toServerError(error: unknown): TunicError {
  if (isTunicError(error)) return error;
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const name = typeof code === 'string' ? code : '';
  const passing = CONNECTION.test(name) ? 'ERR_TUNIC_STORE' : PASSING[name];
  const text = typeof message === 'string' && message !== '' ? message : name;
  return new TunicError(passing ?? 'ERR_TUNIC_STORE', `the database answered: ${text}`, {
    cause: error,
    retryable: passing !== undefined,
  });
}
