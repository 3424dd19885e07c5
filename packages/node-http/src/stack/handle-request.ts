import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Body, HttpContext } from '../context/http-context.ts';
import { RequestContext } from '../context/request-context.ts';
import { problem } from '../problem.ts';
import { commit } from '../reply/commit.ts';
import { fail } from '../reply/fail.ts';
import type { StackRuntime } from './stack-runtime.ts';

type Answer = Body | undefined | void;
type Core = (ctx: HttpContext) => Answer | Promise<Answer>;
type Onion = (ctx: HttpContext, core: (ctx: HttpContext) => unknown) => Promise<unknown>;
type Serve = (req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean) => void;

/** The life of a request: context, layers and handler, reply. */
export function createRequestHandler(runtime: StackRuntime, handler: Core, onion: Onion | undefined): Serve {
  const core = (ctx: HttpContext): unknown => {
    const answer = handler(ctx);
    if (isThenable(answer)) return Promise.resolve(answer).then((value) => accept(ctx, value));
    accept(ctx, answer);
    return undefined;
  };
  const run = onion === undefined ? core : (ctx: HttpContext) => onion(ctx, core);
  // Written to after it has ended, a reply emits an error that would end the process if nobody listened.
  const onLateWrite = (): void => void (runtime.lateWrites += 1);

  return (req, res, awaitsContinue) => {
    const ctx = new RequestContext(runtime, req, res, awaitsContinue);
    res.on('error', onLateWrite);
    watchEnd(ctx);
    if (ctx.malformed) {
      refuse(ctx, problem(400, 'The request target or the Host header is malformed.'));
      return;
    }
    try {
      const running = run(ctx);
      if (running instanceof Promise) running.then(() => complete(ctx), (error: unknown) => refuse(ctx, error));
      else complete(ctx);
    } catch (error) {
      refuse(ctx, error);
    }
  };
}

/** Query builders and the like are thenables without being promises. */
function isThenable(answer: Answer | Promise<Answer>): answer is Promise<Answer> {
  return typeof (answer as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

function accept(ctx: HttpContext, answer: Answer): void {
  if (answer !== undefined) ctx.body = answer;
}

function complete(ctx: RequestContext): void {
  try {
    commit(ctx, fail);
  } catch (error) {
    fail(ctx, error);
  }
  ctx.handlerDone();
}

function refuse(ctx: RequestContext, error: unknown): void {
  fail(ctx, error);
  ctx.handlerDone();
}

function watchEnd(ctx: RequestContext): void {
  const { req, res } = ctx;
  const end = (): void => ctx.end();
  res.on('close', end);
  if (res.socket !== null) return;
  // A pipelined request waits for its turn without a socket, and does not hear when the connection closes.
  const { socket } = req;
  socket.setMaxListeners(0);
  socket.on('close', end);
  ctx.onEnd(() => void socket.off('close', end));
}
