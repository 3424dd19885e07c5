import { TunicError } from '@tunic/core';
import type { HttpContext } from './http-context.ts';
import { RequestContext } from './request-context.ts';

/** The context behind the interface that layers see. */
export function ownContext(ctx: HttpContext): RequestContext {
  if (ctx instanceof RequestContext) return ctx;
  throw new TunicError('ERR_TUNIC_OPTION', 'ctx: expected the context that the stack made');
}
