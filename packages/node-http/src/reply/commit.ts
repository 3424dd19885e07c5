import type { RequestContext } from '../context/request-context.ts';
import { discardBody, isStream } from './discard-body.ts';
import { mustLinger, readRest } from './linger.ts';
import { stageProblem } from './stage-problem.ts';
import { sendStream } from './send-stream.ts';

type Fail = (ctx: RequestContext, error: unknown) => void;

/**
 * Sends what was staged, unless the reply was begun by somebody else. Throws what head hooks and `toJSON` methods throw,
 * with nothing sent; a stream's failure goes to `fail`.
 */
export function commit(ctx: RequestContext, fail: Fail): void {
  const { res } = ctx;
  if (ctx.phase === 'ended' || res.headersSent || res.writableEnded) {
    discardBody(ctx.body);
    return;
  }
  if (ctx.body === undefined && ctx.takenRaw) return;
  if (ctx.unanswered) stageProblem(ctx, { status: 404, detail: undefined, fields: {}, retryAfterMs: undefined });
  if (isStream(ctx.body)) sendStreamed(ctx, ctx.body, fail);
  else sendWhole(ctx);
}

function sendWhole(ctx: RequestContext): void {
  const { body } = ctx;
  const payload = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : toJson(body);
  stageType(ctx, body);
  ctx.runHeadHooks();
  if (bodyless(ctx.status)) {
    sendHead(ctx);
    finish(ctx, undefined);
    return;
  }
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : (payload?.byteLength ?? 0);
  // A reply to HEAD may state the length of a body that it was not given.
  if (payload !== undefined || ctx.method !== 'HEAD') ctx.head.put('content-length', String(length));
  sendHead(ctx);
  finish(ctx, ctx.method === 'HEAD' || length === 0 ? undefined : payload);
}

function sendStreamed(ctx: RequestContext, source: AsyncIterable<unknown>, fail: Fail): void {
  stageType(ctx, source);
  if (ctx.method === 'HEAD' || bodyless(ctx.status)) {
    discardBody(source);
    ctx.runHeadHooks();
    sendHead(ctx);
    finish(ctx, undefined);
    return;
  }
  const head = (): number | undefined => {
    ctx.runHeadHooks();
    const length = ctx.head.get('content-length');
    sendHead(ctx);
    return length === undefined ? undefined : Number(length);
  };
  sendStream(ctx, source, head).then(
    (sent) => sent && finish(ctx, undefined),
    (error: unknown) => fail(ctx, error),
  );
}

function sendHead(ctx: RequestContext): void {
  const { head, res, status } = ctx;
  if (bodyless(status)) {
    head.delete('content-length');
    if (status === 205) head.put('content-length', '0');
  }
  if (ctx.awaitsContinue) head.put('connection', 'close');
  else if (ctx.lingers || mustLinger(ctx)) {
    ctx.lingers = true;
    head.put('connection', 'close');
  }
  ctx.phase = 'committed';
  res.writeHead(status, head.seal());
}

function finish(ctx: RequestContext, payload: string | Uint8Array | undefined): void {
  const { res } = ctx;
  if (!ctx.lingers) {
    if (payload === undefined) res.end();
    else res.end(payload);
    return;
  }
  // Closing while the client still sends resets the connection, and the reply may be lost with it.
  if (payload === undefined) res.flushHeaders();
  else res.write(payload);
  ctx.delivered = true;
  readRest(ctx, () => res.end());
}

function toJson(body: object | number | boolean | null): string {
  const text = JSON.stringify(body) as string | undefined;
  if (text === undefined) throw new TypeError('the body has no JSON form');
  return text;
}

function stageType(ctx: RequestContext, body: unknown): void {
  if (body === undefined || bodyless(ctx.status) || ctx.head.get('content-type') !== undefined) return;
  ctx.head.put('content-type', defaultType(body));
}

function defaultType(body: unknown): string {
  if (typeof body === 'string') return 'text/plain; charset=utf-8';
  return body instanceof Uint8Array || isStream(body) ? 'application/octet-stream' : 'application/json; charset=utf-8';
}

/** Replies that end with their head (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
function bodyless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
