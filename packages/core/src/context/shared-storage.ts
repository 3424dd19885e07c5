import { createContextStorage } from '#context-storage';
import type { ContextStorage } from './storage/context-storage.ts';

/** What is set in one context, by key; never changed once it runs. */
export type ContextFrame = ReadonlyMap<object, unknown>;

// The number moves when the shape of a frame does, so that copies which differ stay apart.
const SLOT = Symbol.for('tunic.context-storage.1');

/**
 * The storage of this process. Two copies of the package (ESM beside CJS, two versions) must find the same one, or a
 * context set through one would be lost in the other.
 */
export function sharedStorage(): ContextStorage<ContextFrame> {
  const globals = globalThis as { [SLOT]?: ContextStorage<ContextFrame> };
  const present = globals[SLOT];
  if (present !== undefined) return present;
  const storage = createContextStorage<ContextFrame>();
  Object.defineProperty(globals, SLOT, { value: storage, configurable: true });
  return storage;
}
