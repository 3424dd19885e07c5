import { type ContextFrame, sharedStorage } from './shared-storage.ts';

/** A typed place in the context; keys are told apart by identity, not by name. */
export interface ContextKey<T> {
  /** For logs and error messages. */
  readonly name: string;
  /** The value in the current context, else the key's default, else `undefined`. */
  get(): T | undefined;
}

/** A {@link ContextKey} that always has a value. */
export interface ContextKeyWithDefault<T> extends ContextKey<T> {
  get(): T;
}

/** Pairs of a key and a value that fits it. */
export type ContextEntries<T extends readonly unknown[]> = {
  readonly [I in keyof T]: readonly [key: ContextKey<T[I]>, value: NoInfer<T[I]>];
};

/** The context as it was in one moment, to be used in another. */
export interface Snapshot {
  /** Calls `fn` in the captured context and returns what it returns. */
  run<R>(fn: () => R): R;
}

const storage = /* @__PURE__ */ sharedStorage();
const EMPTY: ContextFrame = /* @__PURE__ */ new Map();

/**
 * Makes a key under which {@link runWithContext} sets a value for everything that runs inside it.
 *
 * @example
 * ```ts
 * import { createContextKey, runWithContext } from '@tunic/core';
 *
 * const user = createContextKey<string>('user');
 * const locale = createContextKey('locale', { default: 'en' });
 * await runWithContext([[user, 'ada']], async () => {
 *   await Promise.resolve();
 *   console.log(user.get(), locale.get()); // ada en
 * });
 * ```
 */
export function createContextKey<T>(name: string, options: { default: T }): ContextKeyWithDefault<T>;
export function createContextKey<T>(name: string, options?: { default?: T }): ContextKey<T>;
export function createContextKey<T>(name: string, options: { default?: T } = {}): ContextKey<T> {
  const key: ContextKey<T> = {
    name,
    get: () => {
      const frame = storage.getStore();
      return frame?.has(key) === true ? (frame.get(key) as T) : options.default;
    },
  };
  return key;
}

/**
 * Calls `fn` with each key set to its value, on top of the current context, and returns what `fn` returns. What `fn`
 * starts (promises, timers, listeners it calls) sees the values; nothing outside does, and they cannot be changed from
 * within. On platforms without AsyncLocalStorage they hold until the first `await` only: carry them on with
 * {@link captureContext} or {@link bindContext}.
 *
 * @example
 * ```ts
 * import { createContextKey, runWithContext } from '@tunic/core';
 *
 * const requestId = createContextKey<string>('requestId');
 * runWithContext([[requestId, 'r-1']], () => requestId.get()); // 'r-1'
 * ```
 */
export function runWithContext<const T extends readonly unknown[], R>(entries: readonly [...ContextEntries<T>], fn: () => R): R {
  const frame = new Map(storage.getStore());
  for (const [key, value] of entries as readonly (readonly [ContextKey<unknown>, unknown])[]) frame.set(key, value);
  return storage.run(frame, fn);
}

/**
 * Takes a snapshot of the current context, the empty one included. It holds the keys of this SDK only, no
 * AsyncLocalStorage of your own.
 *
 * @example
 * ```ts
 * import { captureContext, createContextKey, runWithContext } from '@tunic/core';
 *
 * const user = createContextKey<string>('user');
 * const snapshot = runWithContext([[user, 'ada']], () => captureContext());
 * snapshot.run(() => user.get()); // 'ada'
 * ```
 */
export function captureContext(): Snapshot {
  const frame = storage.getStore() ?? EMPTY;
  return { run: (fn) => storage.run(frame, fn) };
}

/**
 * A function that always runs in the context in which it was bound, whoever calls it and when: for listeners, pools and
 * queues that call back from somewhere else. Arguments, `this` and the result pass through.
 *
 * @example
 * ```ts
 * import { bindContext, createContextKey, runWithContext } from '@tunic/core';
 *
 * const user = createContextKey<string>('user');
 * const greet = runWithContext([[user, 'ada']], () => bindContext((word: string) => `${word} ${user.get() ?? ''}`));
 * greet('hello'); // 'hello ada'
 * ```
 */
export function bindContext<This, A extends unknown[], R>(fn: (this: This, ...args: A) => R): (this: This, ...args: A) => R {
  const snapshot = captureContext();
  return function (this: This, ...args: A): R {
    return snapshot.run(() => fn.apply(this, args));
  };
}
