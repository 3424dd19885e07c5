import type { ServerResponse } from 'node:http';
import type { RequestContext } from '../context/request-context.ts';
import { release } from './discard-body.ts';

/**
 * Sends a stream at the client's pace; `sendHead` runs once the first piece is there, so that a source that fails at once
 * still gets a proper error reply, and returns the length that was promised. Resolves to false when the client left;
 * rejects with the source's error, or when it keeps no promise. The source is released either way.
 */
export async function sendStream(
  ctx: RequestContext,
  source: AsyncIterable<unknown>,
  sendHead: () => number | undefined,
): Promise<boolean> {
  const iterator = source[Symbol.asyncIterator]();
  ctx.onEnd(() => release(source, iterator));
  try {
    let step = await iterator.next();
    if (over(ctx)) return false;
    const promised = sendHead();
    let sent = 0;
    while (step.done !== true) {
      const piece = checkPiece(step.value);
      sent += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.byteLength;
      if (promised !== undefined && sent > promised) throw wrongLength(promised);
      if (!ctx.res.write(piece)) await writable(ctx.res);
      if (over(ctx)) return false;
      step = await iterator.next();
      if (over(ctx)) return false;
    }
    if (promised !== undefined && sent < promised) throw wrongLength(promised);
    return true;
  } catch (error) {
    if (over(ctx)) return false;
    release(source, iterator);
    throw error;
  }
}

/**
 * Nobody will read on. A destroyed reply that has not said so yet counts: a source that always has a next piece would
 * otherwise never let the event loop come to the end of the request.
 */
function over(ctx: RequestContext): boolean {
  return ctx.phase === 'ended' || ctx.res.destroyed;
}

function writable(res: ServerResponse): Promise<void> {
  if (res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.on('drain', done).on('close', done);
  });
}

function checkPiece(value: unknown): string | Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  throw new TypeError(`a body stream must give text or bytes, not ${typeof value}`);
}

function wrongLength(promised: number): Error {
  return new RangeError(`the body stream does not have the ${promised} bytes of its content-length`);
}
