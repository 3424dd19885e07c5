import type { HttpContext } from '../context/http-context.ts';
import { problem } from '../problem.ts';
import { type ReadBodyOptions, readBody } from './read-body.ts';

const UTF8_NAMES: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/**
 * Reads the whole request body as UTF-8 text, without a byte order mark. As {@link readBody}, and rejects with a 415
 * problem when the request names another charset or a content encoding, and with 400 when the bytes are no UTF-8.
 *
 * @example
 * ```ts
 * import { createStack, readText, serve } from '@tunic/node-http';
 *
 * const shout = createStack().listener(async (ctx) => (await readText(ctx)).toUpperCase());
 * await using server = await serve(shout);
 * const reply = await fetch(server.url, { method: 'POST', body: 'hello' });
 * console.log(await reply.text()); // HELLO
 * ```
 */
export async function readText(ctx: HttpContext, options: ReadBodyOptions = {}): Promise<string> {
  const encoding = ctx.header('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw problem(415, 'The body must come without a content encoding.');
  const charset = CHARSET.exec(ctx.header('content-type') ?? '')?.[1];
  if (charset !== undefined && !UTF8_NAMES.has(charset.toLowerCase())) throw problem(415, 'The body must be UTF-8.');
  const bytes = await readBody(ctx, options);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw problem(400, 'The body is not valid UTF-8.');
  }
}
