import { Readable } from 'node:stream';
import type { HttpContext } from '../context/http-context.ts';
import { ownContext } from '../context/own-context.ts';
import type { RequestContext } from '../context/request-context.ts';
import { checkLimit } from '../errors/check-limit.ts';
import { type BodyTap, claimBody, readRequest } from './request-body.ts';

/** Options of {@link bodyStream}. */
export interface BodyStreamOptions {
  /** Most bytes to accept; `Infinity` for no limit. There is no default: say how much this endpoint takes. */
  limit: number;
}

class RequestStream extends Readable {
  /** Missing while the constructor runs: a body whose client has left fails there. */
  readonly #tap: BodyTap | undefined;

  constructor(ctx: RequestContext, limit: number) {
    super();
    // A client that leaves when nobody reads any more must not end the process.
    this.on('error', () => undefined);
    this.#tap = readRequest(ctx, limit, {
      piece: (bytes) => this.push(bytes),
      end: () => void this.push(null),
      fail: (error) => void this.destroy(error as Error),
    });
  }

  override _read(): void {
    this.#tap?.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#tap?.stop();
    callback(error);
  }
}

/**
 * The request body as a stream, read at the pace of whoever consumes it. Over `limit` it fails with a 413 problem, as in
 * {@link readBody}; when the client leaves, with the reason of `ctx.signal`. Destroying it leaves the rest unread: the
 * reply then closes the connection where that rest is large.
 *
 * @throws a 413 problem when the declared length is over the limit; `ERR_TUNIC_OPTION` on a bad limit, or when the body
 * has been taken already
 * @example
 * ```ts
 * import { bodyStream, createStack, serve } from '@tunic/node-http';
 *
 * const count = createStack().listener(async (ctx) => {
 *   let bytes = 0;
 *   for await (const piece of bodyStream(ctx, { limit: 1e9 })) bytes += (piece as Uint8Array).byteLength;
 *   return { bytes };
 * });
 * await using server = await serve(count);
 * const reply = await fetch(server.url, { method: 'POST', body: 'x'.repeat(100_000) });
 * console.log(await reply.text()); // {"bytes":100000}
 * ```
 */
export function bodyStream(ctx: HttpContext, options: BodyStreamOptions): Readable {
  const own = ownContext(ctx);
  const limit = checkLimit('limit', options.limit);
  claimBody(own, limit);
  return new RequestStream(own, limit);
}
