import { setImmediate } from 'node:timers/promises';

const SMALLEST_BYTES = 512;
const LARGEST_BYTES = 16 * 1024;
/** A slice that took longer is followed by smaller ones: rows in error cost twenty times as much as good ones. */
const SLOW_MS = 6;

/**
 * Cuts chunks into slices of a few milliseconds of work each, with a turn of the event loop between them; throws the
 * signal's reason between them too.
 */
export function createPacedSlices(signal?: AbortSignal): (chunk: Uint8Array, work: (slice: Buffer) => Promise<void>) => Promise<void> {
  let size = LARGEST_BYTES;
  return async (chunk, work) => {
    for (let at = 0, taken = 0; at < chunk.length; at += taken) {
      taken = Math.min(size, chunk.length - at);
      const started = performance.now();
      await work(Buffer.from(chunk.buffer, chunk.byteOffset + at, taken));
      size = performance.now() - started > SLOW_MS ? Math.max(SMALLEST_BYTES, size / 2) : Math.min(LARGEST_BYTES, size * 2);
      await setImmediate();
      signal?.throwIfAborted();
    }
  };
}
