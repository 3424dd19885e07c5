import { type Logger, invalidOption } from '@tunic/core';
import type { HttpContext, Outcome } from '../context/http-context.ts';
import { ownContext } from '../context/own-context.ts';
import type { HttpLayer } from '../stack/stack.ts';

/** The levels of a {@link Logger}. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Options of {@link accessLog}. */
export interface AccessLogOptions {
  logger: Logger;
  /** The level of a line; by default `error` for status 500 and more or a reply that broke off, else `info`. */
  level?: LogLevel | ((line: AccessLine) => LogLevel);
  /** Puts the milliseconds until the head was sent into the reply as `x-process-time`; `false` by default. */
  processTime?: boolean;
}

/** What is logged of a request. */
export interface AccessLine {
  requestId: string;
  method: string;
  url: string;
  route: string | undefined;
  client: string;
  agent: string | undefined;
  /** The declared length of the request body; missing where none was declared. */
  requestBytes: number | undefined;
  /** The length of the reply's body; missing where it was streamed without one. */
  responseBytes: number | undefined;
  /** Missing when no head was sent. */
  status: number | undefined;
  durationMs: number;
  outcome: Outcome;
  /** What was thrown, also when it was answered with a problem. */
  err?: unknown;
}

/**
 * Writes one structured line per request when it has ended, however it ended. The URL is logged with its query. Belongs
 * right inside `requestId`. It measures with the stack's clock.
 *
 * @throws `ERR_TUNIC_OPTION` when there is no logger
 * @example
 * ```ts
 * import { silentLogger } from '@tunic/core';
 * import { accessLog, createStack, serve } from '@tunic/node-http';
 *
 * const logger = { ...silentLogger, info: (line: object, message: string) => console.log(message, line) };
 * const listener = createStack().use(accessLog({ logger })).listener(() => 'hello');
 * await using server = await serve(listener);
 * await (await fetch(server.url)).text();
 * ```
 */
export function accessLog(options: AccessLogOptions): HttpLayer {
  const { logger, level = defaultLevel, processTime = false } = options;
  if (typeof (logger as Partial<Logger> | undefined)?.info !== 'function')
    throw invalidOption('logger', 'a logger', logger);
  return function accessLog(ctx, next) {
    const { clock } = ownContext(ctx).runtime;
    const start = clock.monotonic();
    // The address is gone once the socket is.
    const client = ctx.ip;
    if (processTime) ctx.onHead((head) => head.set('x-process-time', (clock.monotonic() - start).toFixed(1)));
    ctx.onEnd((outcome, error) => {
      const line = describe(ctx, outcome, client, clock.monotonic() - start);
      if (error !== undefined) line.err = error;
      logger[typeof level === 'function' ? level(line) : level](line, 'request');
    });
    return next();
  };
}

function describe(ctx: HttpContext, outcome: Outcome, client: string, durationMs: number): AccessLine {
  return {
    requestId: ctx.id,
    method: ctx.method,
    url: ctx.rawUrl,
    route: ctx.route,
    client,
    agent: ctx.header('user-agent'),
    requestBytes: length(ctx.header('content-length')),
    responseBytes: length(ctx.head.get('content-length')),
    status: ownContext(ctx).res.headersSent ? ctx.status : undefined,
    durationMs: Math.round(durationMs * 1000) / 1000,
    outcome,
  };
}

function length(header: string | undefined): number | undefined {
  return header === undefined ? undefined : Number(header);
}

function defaultLevel(line: AccessLine): LogLevel {
  return (line.status ?? 0) >= 500 || line.outcome === 'error' ? 'error' : 'info';
}
