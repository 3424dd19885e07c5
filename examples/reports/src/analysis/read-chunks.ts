import { Readable } from 'node:stream';

/** Options of {@link readChunks}. */
export interface ReadChunksOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the source is left as it is when reading ends early; it is closed by default. */
  readonly keepOpen?: boolean;
}

function iterate(source: AsyncIterable<Uint8Array>, keepOpen: boolean): AsyncIterator<Uint8Array> {
  if (source instanceof Readable) return source.iterator({ destroyOnReturn: !keepOpen }) as AsyncIterator<Uint8Array>;
  return source[Symbol.asyncIterator]();
}

/** Ends the reading without waiting for the source: it may be the very thing that hangs. */
function stop(source: AsyncIterable<Uint8Array>, iterator: AsyncIterator<Uint8Array>, keepOpen: boolean): void {
  if (!keepOpen && source instanceof Readable) source.destroy();
  Promise.resolve(iterator.return?.()).catch(() => undefined);
}

/**
 * The chunks of a source as they come. When the signal aborts it throws the reason at once, even if the source never
 * answers.
 */
export async function* readChunks(source: AsyncIterable<Uint8Array>, options: ReadChunksOptions = {}): AsyncGenerator<Uint8Array, void> {
  const { signal, keepOpen = false } = options;
  const iterator = iterate(source, keepOpen);
  let abort: (() => void) | undefined;
  const onAbort = (): void => abort?.();
  const next = (): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      abort = () => reject(signal?.reason);
      iterator.next().then(resolve, reject);
    });
  signal?.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const step = await next();
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop(source, iterator, keepOpen);
  }
}
