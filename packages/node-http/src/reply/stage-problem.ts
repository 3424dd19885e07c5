import type { RequestContext } from '../context/request-context.ts';
import { discardBody } from './discard-body.ts';
import { type ProblemReply, problemBody } from './problem-reply.ts';

/** Headers that speak of the body that is not sent, and cookies of work that failed. All others stay: CORS, trace, Vary. */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'set-cookie',
  'etag',
  'last-modified',
  'cache-control',
  'expires',
  'accept-ranges',
  'location',
]);

/** Puts a problem in the place of whatever was staged. */
export function stageProblem(ctx: RequestContext, reply: ProblemReply): void {
  discardBody(ctx.body);
  ctx.head.strip((name) => OF_THE_BODY.has(name) || (name.startsWith('content-') && !name.startsWith('content-security-')));
  ctx.status = reply.status;
  ctx.body = JSON.stringify(problemBody(reply, ctx.id));
  ctx.head.set('content-type', 'application/problem+json');
  if (reply.retryAfterMs !== undefined) ctx.head.set('retry-after', Math.max(1, Math.ceil(reply.retryAfterMs / 1000)));
}
