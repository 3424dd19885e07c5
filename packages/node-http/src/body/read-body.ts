import type { HttpContext } from '../context/http-context.ts';
import { ownContext } from '../context/own-context.ts';
import type { RequestContext } from '../context/request-context.ts';
import { checkLimit } from '../errors/check-limit.ts';
import { claimBody, readRequest, tooLarge } from './request-body.ts';

/** Options of {@link readBody}, {@link readText} and {@link readJson}. */
export interface ReadBodyOptions {
  /** Most bytes to accept; 1 MiB by default. */
  limit?: number;
}

const DEFAULT_LIMIT = 1024 * 1024;

/**
 * Reads the whole request body, once; later calls get the same bytes. A `Content-Encoding` is not undone.
 *
 * A body over `limit` rejects with a 413 problem as soon as that is known, from the declared length before anything is read;
 * the client sees that reply even while it still sends, and its connection is closed. When the client leaves, it rejects with
 * the reason of `ctx.signal`.
 *
 * @throws `ERR_TUNIC_OPTION` on a bad limit, or when {@link bodyStream} has the body
 * @example
 * ```ts
 * import { createStack, readBody, serve } from '@tunic/node-http';
 *
 * const echo = createStack().listener(async (ctx) => readBody(ctx, { limit: 1024 }));
 * await using server = await serve(echo);
 * const reply = await fetch(server.url, { method: 'POST', body: 'hello' });
 * console.log(await reply.text()); // hello
 * ```
 */
export async function readBody(ctx: HttpContext, options: ReadBodyOptions = {}): Promise<Uint8Array> {
  const own = ownContext(ctx);
  const limit = checkLimit('limit', options.limit ?? DEFAULT_LIMIT);
  if (own.bodyBytes === undefined) {
    claimBody(own, limit);
    own.bodyBytes = collect(own, limit);
  }
  const bytes = await own.bodyBytes;
  if (bytes.byteLength > limit) throw tooLarge(own, limit);
  return bytes;
}

function collect(ctx: RequestContext, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    readRequest(ctx, limit, {
      piece: (bytes) => pieces.push(bytes) > 0,
      end: () => resolve(Buffer.concat(pieces)),
      fail: reject,
    });
  });
}
