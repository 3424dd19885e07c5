import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Background, type Clock, type Logger, compose, createBackground, silentLogger, systemClock, invalidOption } from '@tunic/core';
import type { Body, HttpContext } from '../context/http-context.ts';
import { createRequestHandler } from './handle-request.ts';
import { StackRuntime } from './stack-runtime.ts';

/** Calls everything further in; settles when all of that has come back. */
export type HttpNext = () => Promise<unknown>;

/** One layer around the handler. `S` is the state that it needs or adds. What it returns is not used. */
export type HttpLayer<S extends object = object> = (ctx: HttpContext<S>, next: HttpNext) => unknown;

/** What the layers are around. A returned body is as good as setting `ctx.body`. */
export type Handler<S extends object = object> = (
  ctx: HttpContext<S>,
) => Body | undefined | void | Promise<Body | undefined | void>;

/** Options of {@link createStack}. */
export interface StackOptions {
  /** Gets what fails: replies of 500 and more, replies that broke off, hooks, work after replies. Silent by default. */
  logger?: Logger;
  /** Runs the work of {@link HttpContext.after}; by default one of the stack's own. */
  background?: Background;
  /** Sees every error that {@link StackOptions.logger} gets of a request; what it throws is logged. */
  onError?: (error: unknown, ctx: HttpContext) => void;
  clock?: Clock;
}

/** Options of {@link Stack.use}. */
export interface LayerOptions {
  /** Names the layer in {@link Stack.layers}; by default the name of the function. */
  name?: string;
}

/** What a listener has under way. */
export interface StackStats {
  /** Requests whose reply has not ended or whose handler still runs. */
  readonly active: number;
  /** Pieces of work after replies that wait or run. */
  readonly pendingWork: number;
  /** Changes to replies that came too late and did nothing. */
  readonly lateWrites: number;
}

const STACK = Symbol.for('tunic.http.stack');

/** What a server needs of a listener to drain it. */
export interface StackHold {
  readonly runtime: StackRuntime;
  serve(req: IncomingMessage, res: ServerResponse): void;
  /** Serves a request whose client waits for `100 Continue`, which is sent when the body is asked for. */
  serveExpecting(req: IncomingMessage, res: ServerResponse): void;
}

/** A listener for `http.createServer` that runs a stack. */
export interface StackListener extends RequestListener {
  readonly stats: StackStats;
}

/** Layers in the order in which a request meets them. */
export interface Stack<S extends object = object> {
  /**
   * Adds a layer inside the ones before it, to this stack, and returns it with the layer's state in its type.
   *
   * @throws `ERR_TUNIC_OPTION` when the layer is no function
   */
  use<A extends object = object>(layer: HttpLayer<S & A>, options?: LayerOptions): Stack<S & A>;
  /** The names of the layers, outermost first. */
  readonly layers: readonly string[];
  /**
   * Builds the onion once, around `handler`; layers added later do not count.
   *
   * A request that nobody answers gets a 404 problem. Anything thrown becomes an `application/problem+json` reply (RFC
   * 9457): what `problem()` made as it says, the SDK's own errors by their code, everything else a bare 500. Headers that
   * layers staged stay on it, except those of the body and cookies. A request target that cannot be read in one sure
   * way gets 400 before any layer runs.
   */
  listener(handler: Handler<S>): StackListener;
}

/**
 * An onion of layers over `node:http`: each request gets one context, passes the layers in order, reaches the handler
 * and comes back in reverse; the reply is staged on the way and sent once, when the outermost layer has come back.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { createStack, requestId } from '@tunic/node-http';
 *
 * const listener = createStack()
 *   .use(requestId())
 *   .listener((ctx) => ({ hello: ctx.path }));
 * createServer(listener);
 * ```
 */
export function createStack<S extends object = object>(options: StackOptions = {}): Stack<S> {
  const entries: { layer: HttpLayer<S>; name: string }[] = [];
  const stack: Stack<S> = {
    use<A extends object>(layer: HttpLayer<S & A>, { name }: LayerOptions = {}): Stack<S & A> {
      if (typeof layer !== 'function') throw invalidOption('layer', 'a function', layer);
      const untyped = layer as unknown as HttpLayer<S>;
      entries.push({ layer: untyped, name: name ?? (layer.name === '' ? 'anonymous' : layer.name) });
      return stack as unknown as Stack<S & A>;
    },
    get layers() {
      return entries.map((entry) => entry.name);
    },
    listener(handler) {
      if (typeof handler !== 'function') throw invalidOption('handler', 'a function', handler);
      const runtime = createRuntime(options);
      const onion = entries.length === 0 ? undefined : compose<HttpContext<S>>(entries.map((entry) => entry.layer));
      return createListener(runtime, createRequestHandler(runtime, handler as Handler, onion as never));
    },
  };
  return stack;
}

function createRuntime({ logger = silentLogger, clock = systemClock, background, onError }: StackOptions): StackRuntime {
  return new StackRuntime({ logger, clock, onError, background: background ?? createBackground({ logger, clock }) });
}

type Serve = (req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean) => void;

function createListener(runtime: StackRuntime, serve: Serve): StackListener {
  const hold: StackHold = { runtime, serve: (req, res) => serve(req, res, false), serveExpecting: (req, res) => serve(req, res, true) };
  const stats: StackStats = {
    get active() {
      return runtime.active;
    },
    get pendingWork() {
      return runtime.work.pending;
    },
    get lateWrites() {
      return runtime.lateWrites;
    },
  };
  return Object.assign(hold.serve.bind(undefined), { stats, [STACK]: hold });
}

/** The stack behind a listener, also one that another copy of the package made. */
export function holdOf(listener: object): StackHold | undefined {
  return (listener as { [STACK]?: StackHold })[STACK];
}
