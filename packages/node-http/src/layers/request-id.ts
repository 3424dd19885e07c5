import { randomUUID } from 'node:crypto';
import type { HttpContext } from '../context/http-context.ts';
import { ownContext } from '../context/own-context.ts';
import type { HttpLayer } from '../stack/stack.ts';

/** Options of {@link requestId}. */
export interface RequestIdOptions {
  /** The header that brings an id and takes it back; `x-request-id` by default. */
  header?: string;
  /**
   * Which ids of clients are taken: one that matches whole, or none with `false`. By default up to 128 letters, digits,
   * `_`, `.` and `-`. An id that a client chose names its log lines and proves nothing.
   */
  trust?: RegExp | false;
  /** Makes the id where none was taken; a random UUID by default. */
  generate?: () => string;
}

const SAFE_ID = /^[\w.-]{1,128}$/;

/**
 * Gives the request its id, `ctx.id`: the client's where it can be trusted, else a new one; and puts it on the reply, also
 * on error replies. Belongs outermost.
 *
 * @example
 * ```ts
 * import { createStack, requestId, serve } from '@tunic/node-http';
 *
 * const listener = createStack().use(requestId()).listener((ctx) => ctx.id);
 * await using server = await serve(listener);
 * const reply = await fetch(server.url, { headers: { 'x-request-id': 'order-17' } });
 * console.log(await reply.text(), reply.headers.get('x-request-id')); // order-17 order-17
 * ```
 */
export function requestId(options: RequestIdOptions = {}): HttpLayer {
  const { header = 'x-request-id', trust = SAFE_ID, generate = randomUUID } = options;
  return function requestId(ctx: HttpContext, next) {
    const own = ownContext(ctx);
    const given = trust === false ? undefined : ctx.header(header);
    own.id = given !== undefined && trust !== false && matchesWhole(trust, given) ? given : generate();
    ctx.head.set(header, own.id);
    return next();
  };
}

/** Independent of anchors and of the `lastIndex` that a `g` or `y` pattern keeps. */
function matchesWhole(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.exec(text)?.[0] === text;
}
