import type { RequestContext } from '../context/request-context.ts';

/** A rest of the request that node may read to its end, so that the connection can serve the next request. */
const SMALL_BYTES = 64 * 1024;
/** How much and how long a client may go on sending after its reply. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_MS = 2_000;

/** Whether the connection has to close after the reply, but not before the client has stopped sending. */
export function mustLinger(ctx: RequestContext): boolean {
  const { req, res } = ctx;
  if (req.complete || ctx.method === 'GET' || ctx.method === 'HEAD') return false;
  const length = req.headers['content-length'];
  if (req.headers['transfer-encoding'] !== undefined) return true;
  if (length === undefined || length === '0') return false;
  const closes = !res.shouldKeepAlive || ctx.head.get('connection') !== undefined;
  return closes || Number(length) > SMALL_BYTES;
}

/** Reads the rest of the request and throws it away, within bounds; then calls `done`, exactly once. */
export function readRest(ctx: RequestContext, done: () => void): void {
  const { req } = ctx;
  const { clock } = ctx.runtime;
  let left = MAX_BYTES;
  let over = false;
  const stop = (): void => {
    if (over) return;
    over = true;
    clock.clearTimeout(timer);
    req.off('data', take).off('end', stop);
    done();
  };
  const take = (chunk: Uint8Array): void => {
    left -= chunk.byteLength;
    if (left < 0) stop();
  };
  const timer = clock.setTimeout(stop, MAX_MS, { unref: true });
  ctx.onEnd(stop);
  req.on('data', take).on('end', stop);
  req.resume();
  if (req.readableEnded) stop();
}
