import { callHook } from '@tunic/core';
import type { RequestContext } from '../context/request-context.ts';
import { writeLog } from '../errors/write-log.ts';
import { commit } from './commit.ts';
import { type ProblemReply, toProblemReply } from './problem-reply.ts';
import { stageProblem } from './stage-problem.ts';

/**
 * Answers an error: with a problem reply while nothing is sent, by breaking the connection afterwards, and only in the
 * log when the reply is complete or the client gone. The abort that the client itself caused is no error.
 */
export function fail(ctx: RequestContext, error: unknown): void {
  if (ctx.phase === 'ended') {
    if (error !== ctx.endReason && !isAbort(error)) report(ctx, error, 'request failed after it had ended');
    return;
  }
  ctx.failed = true;
  ctx.failure = error;
  if (!ctx.res.headersSent && !ctx.res.writableEnded) answer(ctx, error);
  else if (ctx.res.writableEnded) report(ctx, error, 'request failed after its reply');
  else breakOff(ctx, error);
}

function answer(ctx: RequestContext, error: unknown): void {
  const reply = toProblemReply(error);
  if (reply.status >= 500) report(ctx, error, 'request failed');
  else writeLog(ctx.runtime.logger, 'debug', facts(ctx, error), 'request refused');
  stage(ctx, reply);
  try {
    commit(ctx, fail);
  } catch (again) {
    breakOff(ctx, again);
  }
}

function stage(ctx: RequestContext, reply: ProblemReply): void {
  try {
    stageProblem(ctx, reply);
  } catch (error) {
    report(ctx, error, 'problem fields are no JSON');
    stageProblem(ctx, toProblemReply(error));
  }
}

function breakOff(ctx: RequestContext, error: unknown): void {
  ctx.broken = true;
  ctx.failure = error;
  report(ctx, error, 'reply broke off');
  ctx.res.destroy();
}

function report(ctx: RequestContext, error: unknown, message: string): void {
  writeLog(ctx.runtime.logger, 'error', facts(ctx, error), message);
  const { onError } = ctx.runtime;
  if (onError !== undefined) callHook(ctx.runtime.logger, 'onError', () => onError(error, ctx));
}

function facts(ctx: RequestContext, error: unknown): object {
  return { err: error, requestId: ctx.id, method: ctx.method, url: ctx.rawUrl };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
