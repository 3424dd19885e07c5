import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextStorage } from './context-storage.ts';

/** Follows every await, timer and callback of the platform. */
export function createContextStorage<T>(): ContextStorage<T> {
  return new AsyncLocalStorage<T>();
}
