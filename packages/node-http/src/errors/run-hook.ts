import type { Logger } from '@tunic/core';

/** Runs what only watches: what it throws, and what its promise rejects with, goes to the logger and no further. */
export function runHook(logger: Logger, name: string, hook: () => unknown): void {
  const report = (error: unknown): void => writeLog(logger, 'error', { err: error, hook: name }, `${name} hook failed`);
  try {
    const result = hook();
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}

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
