import type { Readable } from 'node:stream';
import type { Body } from '../context/http-context.ts';

const ignore = (): void => undefined;

/** Whether the body is sent piece by piece. */
export function isStream(body: unknown): body is AsyncIterable<unknown> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** Gives back what a body that nobody will read holds: files, sockets, a generator's clean-up. Does nothing to others. */
export function discardBody(body: Body | undefined): void {
  if (isStream(body)) release(body, undefined);
}

/** Stops a source, also while it is being waited for. */
export function release(source: AsyncIterable<unknown>, iterator: AsyncIterator<unknown> | undefined): void {
  if (isNodeStream(source)) {
    // A file that was being opened may still report that it could not be.
    source.on('error', ignore);
    source.destroy();
    return;
  }
  try {
    const closing: unknown = (iterator ?? source[Symbol.asyncIterator]()).return?.();
    if (closing instanceof Promise) closing.catch(ignore);
  } catch {
    // Its clean-up failed, and nobody waits for it.
  }
}

/** By its methods: streams of other copies and of userland packages count too. */
function isNodeStream(source: object): source is Readable {
  const { destroy, on } = source as Partial<Readable>;
  return typeof destroy === 'function' && typeof on === 'function';
}
