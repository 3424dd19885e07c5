/** The signal of a layer: one for all calls, or taken from each call's context. */
export type LayerSignal<C> = AbortSignal | ((context: C) => AbortSignal | undefined);

/** The signal that holds for one call. */
export function signalFor<C>(signal: LayerSignal<C> | undefined, context: C): AbortSignal | undefined {
  return typeof signal === 'function' ? signal(context) : signal;
}
