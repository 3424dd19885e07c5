import type { Logger } from '@tunic/core';

/** Writes a line; a logger that throws has nobody left to tell. */
export function writeLog(
  logger: Logger,
  level: 'debug' | 'info' | 'warn' | 'error',
  fields: object,
  message: string,
): void {
  try {
    logger[level](fields, message);
  } catch {
    // Losing a line is better than losing a request.
  }
}
