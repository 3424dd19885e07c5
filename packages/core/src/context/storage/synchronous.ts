import type { ContextStorage } from './context-storage.ts';

/**
 * For platforms without AsyncLocalStorage: a stack that is right until the first await of `fn`, after which a context
 * must be carried by hand (`captureContext`, `bindContext`).
 */
export function createContextStorage<T>(): ContextStorage<T> {
  let current: T | undefined;
  return {
    getStore: () => current,
    run: (store, fn) => {
      const previous = current;
      current = store;
      try {
        return fn();
      } finally {
        current = previous;
      }
    },
  };
}
