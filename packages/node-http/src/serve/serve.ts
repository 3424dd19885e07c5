import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, type Duration, type Lifespan, type Logger, TunicError, silentLogger, systemClock, toMilliseconds, invalidOption } from '@tunic/core';
import { writeLog } from '../errors/write-log.ts';
import { type Handler, type StackHold, type StackListener, createStack, holdOf } from '../stack/stack.ts';
import { Connections } from './connections.ts';
import { Drain } from './drain.ts';
import { type NodeLimits, type ServeLimits, resolveLimits } from './limits.ts';
import { watchSignals } from './watch-signals.ts';

/** Options of {@link serve}. */
export interface ServeOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  /** `127.0.0.1` by default. */
  host?: string;
  /** Started before the server listens, stopped after it has drained. */
  lifespan?: Lifespan;
  limits?: ServeLimits;
  drain?: {
    /**
     * How long the server goes on accepting once it is not ready any more, so that a load balancer can notice; 0 by
     * default.
     */
    delay?: Duration;
    /** How long requests and the work after them may take to end; 10 s by default. */
    grace?: Duration;
  };
  /** Signals that close the server; a second one forces it down at once. `SIGTERM` and `SIGINT` by default. */
  signals?: readonly NodeJS.Signals[];
  logger?: Logger;
  clock?: Clock;
}

/** A server that accepts requests, or is on its way out. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Whether new requests are welcome: for readiness checks. False from the moment a close begins. */
  readonly ready: boolean;
  /**
   * Drains and stops, once; further calls return the same promise, and their `grace`, where given, replaces the one before,
   * counted from that call. In order: `ready` turns false and every reply closes its connection; the delay passes; nothing
   * is accepted any more, and connections without a whole request head are destroyed; requests and the work after them end;
   * when the grace is over, what is left is destroyed and its signals abort with `ERR_TUNIC_CLOSED`; the lifespan stops.
   * A grace of 0 ends everything at once, the delay included. Rejects with what the lifespan's stop rejects with.
   */
  close(options?: { grace?: Duration }): Promise<void>;
}

/**
 * Serves a stack's listener, or a bare handler, over HTTP/1.1, and drains it on close or signal. Resolves when it listens.
 *
 * @throws `ERR_TUNIC_OPTION` on bad options; what the lifespan's start rejects with; node's own error when it cannot listen;
 * `ERR_TUNIC_CLOSED` when a signal came before it listened. What was started is stopped again.
 * @example
 * ```ts
 * import { serve } from '@tunic/node-http';
 *
 * await using server = await serve((ctx) => ({ path: ctx.path }));
 * console.log(await (await fetch(`${server.url}/hello`)).json()); // { path: '/hello' }
 * ```
 */
export async function serve(target: Handler | Pick<StackListener, 'stats'>, options: ServeOptions = {}): Promise<RunningServer> {
  const { logger = silentLogger, clock = systemClock, lifespan, signals = ['SIGTERM', 'SIGINT'] } = options;
  const delayMs = toMilliseconds(options.drain?.delay ?? 0, 'drain.delay');
  const graceMs = toMilliseconds(options.drain?.grace ?? '10s', 'drain.grace');
  const hold = holdFor(target, logger, clock);
  const limits = resolveLimits(options.limits ?? {});
  const server = createNodeServer(limits);
  const connections = connect(server, hold);
  const drain = new Drain({ server, connections, runtime: hold.runtime, clock, logger, delayMs });
  const starting = new AbortController();

  let closing: Promise<void> | undefined;
  const close = (ms: number = graceMs): Promise<void> => (closing ??= shutDown(ms));
  const shutDown = async (ms: number): Promise<void> => {
    try {
      await drain.run(ms);
      await lifespan?.stop();
    } finally {
      unwatch();
    }
  };
  let listening = false;
  const unwatch = watchSignals(signals, (signal, count) => {
    writeLog(logger, 'info', { signal }, count === 1 ? 'shutting down' : 'shutting down at once');
    if (!listening) starting.abort(new TunicError('ERR_TUNIC_CLOSED', `${signal} came before the server listened`));
    else if (count > 1) drain.force(`${signal} came again`);
    else close().catch((error: unknown) => writeLog(logger, 'error', { err: error }, 'shutdown failed'));
  });

  try {
    await start(server, options, starting.signal);
    listening = true;
  } catch (error) {
    unwatch();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const url = urlOf(options.host, port);
  writeLog(logger, 'info', { url }, 'listening');
  return {
    url,
    port,
    server,
    get ready() {
      return closing === undefined;
    },
    close({ grace } = {}) {
      const ms = grace === undefined ? undefined : toMilliseconds(grace, 'grace');
      if (closing !== undefined && ms !== undefined) drain.limit(ms);
      return close(ms);
    },
    [Symbol.asyncDispose]: () => close(),
  };
}

function holdFor(target: Handler | Pick<StackListener, 'stats'>, logger: Logger, clock: Clock): StackHold {
  if (typeof target !== 'function') throw invalidOption('target', "a stack's listener or a handler", target);
  const hold = holdOf(target);
  if (hold !== undefined) return hold;
  if (target.length > 1) throw invalidOption('target', "a stack's listener or a handler of one context", target);
  const listener = createStack({ logger, clock }).listener(target);
  return holdOf(listener) as StackHold;
}

function createNodeServer(limits: NodeLimits): Server {
  const server = createServer(limits.options);
  server.maxRequestsPerSocket = limits.maxRequestsPerSocket;
  if (limits.maxConnections !== Infinity) server.maxConnections = limits.maxConnections;
  return server;
}

function connect(server: Server, hold: StackHold): Connections {
  const connections = new Connections(server);
  server.on('request', (req, res) => {
    connections.enter(res);
    hold.serve(req, res);
  });
  server.on('checkContinue', (req, res) => {
    connections.enter(res);
    hold.serveExpecting(req, res);
  });
  return connections;
}

async function start(server: Server, options: ServeOptions, signal: AbortSignal): Promise<void> {
  const { lifespan, port = 0, host = '127.0.0.1' } = options;
  await lifespan?.start({ signal });
  try {
    await listen(server, port, host);
    signal.throwIfAborted();
  } catch (error) {
    server.close();
    await lifespan?.stop();
    throw error;
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(host = '127.0.0.1', port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
