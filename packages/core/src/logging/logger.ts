/** One call of a {@link Logger} level: the fields first, then the message, as pino takes them. */
export type LogMethod = (fields: object, message: string) => void;

/**
 * Where the SDK reports what nobody awaits. A pino logger fits as it is; by default nothing is written.
 *
 * @example
 * ```ts
 * import type { Logger } from '@tunic/core';
 *
 * const logger: Logger = {
 *   debug: () => {},
 *   info: (fields, message) => console.log(message, fields),
 *   warn: (fields, message) => console.warn(message, fields),
 *   error: (fields, message) => console.error(message, fields),
 *   child: () => logger,
 * };
 * ```
 */
export interface Logger {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: object): Logger;
}

const ignore: LogMethod = () => undefined;

/** Writes nothing; the default of every `logger` option. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};

/**
 * Runs a listener or hook so that nothing it does breaks the work it watches: what it throws, and what its promise
 * rejects with, goes to the logger. For those who write adapters.
 *
 * @example
 * ```ts
 * import { callHook, silentLogger } from '@tunic/core';
 *
 * callHook(silentLogger, 'onDone', () => {
 *   throw new Error('no harm');
 * });
 * ```
 */
export function callHook(logger: Logger, name: string, hook: () => unknown): void {
  const report = (error: unknown): void => {
    try {
      logger.error({ err: error, hook: name }, `hook ${name} failed`);
    } catch {
      // A logger that throws has nobody left to tell.
    }
  };
  try {
    const result = hook();
    if (isThenable(result)) result.then(undefined, report);
  } catch (error) {
    report(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
