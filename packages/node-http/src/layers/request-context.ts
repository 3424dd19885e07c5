import { type ContextKey, createContextKey, runWithContext } from '@tunic/core';
import type { HttpContext } from '../context/http-context.ts';
import type { HttpLayer } from '../stack/stack.ts';

/**
 * The request that the current code runs for, anywhere below {@link requestContext}.
 *
 * @example
 * ```ts
 * import { createStack, currentRequest, requestContext, serve } from '@tunic/node-http';
 *
 * const whoAsks = () => currentRequest.get()?.method;
 * const listener = createStack().use(requestContext()).listener(async () => whoAsks());
 * await using server = await serve(listener);
 * console.log(await (await fetch(server.url)).text()); // GET
 * ```
 */
export const currentRequest: ContextKey<HttpContext> = /* @__PURE__ */ createContextKey<HttpContext>('http.request');

/**
 * Makes {@link currentRequest} readable in everything that runs below this layer, work after the reply included.
 *
 * @example
 * ```ts
 * import { createStack, currentRequest, requestContext } from '@tunic/node-http';
 *
 * createStack().use(requestContext()).listener(() => currentRequest.get()?.id ?? 'none');
 * ```
 */
export function requestContext(): HttpLayer {
  return function requestContext(ctx, next) {
    return runWithContext([[currentRequest, ctx]], next);
  };
}
