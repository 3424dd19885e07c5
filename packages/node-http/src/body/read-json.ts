import type { HttpContext } from '../context/http-context.ts';
import { problem } from '../problem.ts';
import type { ReadBodyOptions } from './read-body.ts';
import { readText } from './read-text.ts';

const JSON_TYPE = /^application\/(?:json|[\w!#$&^.+-]+\+json)\s*(?:;|$)/i;

/**
 * Reads the whole request body as JSON. As {@link readText}, and rejects with a 415 problem, before reading, when the
 * content type is neither `application/json` nor `application/…+json`, and with 400 when the text is no JSON. What it
 * returns is the client's: check it.
 *
 * @example
 * ```ts
 * import { createStack, readJson, serve } from '@tunic/node-http';
 *
 * const echo = createStack().listener(async (ctx) => ({ received: await readJson(ctx) }));
 * await using server = await serve(echo);
 * const reply = await fetch(server.url, { method: 'POST', body: '[1]', headers: { 'content-type': 'application/json' } });
 * console.log(await reply.text()); // {"received":[1]}
 * ```
 */
export async function readJson(ctx: HttpContext, options: ReadBodyOptions = {}): Promise<unknown> {
  if (!JSON_TYPE.test(ctx.header('content-type')?.trim() ?? '')) throw problem(415, 'The body must be application/json.');
  const text = await readText(ctx, options);
  try {
    return JSON.parse(text);
  } catch {
    throw problem(400, 'The body is not valid JSON.');
  }
}
