import { TunicError } from '@tunic/core';
import type { RequestContext } from '../context/request-context.ts';
import { type HttpProblem, problem } from '../problem.ts';

/** What a {@link readRequest} passes on. `piece` may pause the request through the return value `false`. */
export interface BodySink {
  piece(bytes: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** Lets go of the request; the rest of it stays unread. */
export interface BodyTap {
  resume(): void;
  stop(): void;
}

/** The refusal of a body that is too large; the connection closes after it, once the client has stopped sending. */
export function tooLarge(ctx: RequestContext, limit: number): HttpProblem {
  if (!ctx.awaitsContinue) ctx.lingers = true;
  return problem(413, `The body is larger than the ${limit} bytes that are accepted here.`, { limit });
}

/** Takes the one right to read the body. Throws 413 when the declared length alone is over the limit. */
export function claimBody(ctx: RequestContext, limit: number): void {
  if (ctx.bodyTaken) throw new TunicError('ERR_TUNIC_OPTION', 'the request body has been taken already');
  if (Number(ctx.req.headers['content-length'] ?? 0) > limit) throw tooLarge(ctx, limit);
  ctx.bodyTaken = true;
  ctx.sendContinue();
}

/**
 * Reads the claimed body up to `limit`. The sink gets pieces, then exactly one end or failure: 413 over the limit, and
 * why the request ended when the client leaves in the middle.
 */
export function readRequest(ctx: RequestContext, limit: number, sink: BodySink): BodyTap {
  const { req } = ctx;
  let received = 0;
  let over = false;
  const stop = (): void => {
    over = true;
    req.off('data', take).off('end', end);
    req.pause();
  };
  const take = (bytes: Uint8Array): void => {
    received += bytes.byteLength;
    if (received > limit) {
      stop();
      sink.fail(tooLarge(ctx, limit));
    } else if (!sink.piece(bytes)) req.pause();
  };
  const end = (): void => {
    stop();
    sink.end();
  };
  const cut = (): void => {
    if (over) return;
    stop();
    sink.fail(ctx.endReason);
  };
  // The request's own error comes before the connection's end is known, and has no more to say than that.
  req.on('data', take).on('end', end).on('error', () => undefined);
  ctx.onEnd(cut);
  return {
    resume: () => {
      if (!over) req.resume();
    },
    stop: () => {
      if (!over) stop();
    },
  };
}
