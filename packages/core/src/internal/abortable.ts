import { onAbort } from './abort-hub.ts';

/** Waits for `promise` until `signal` aborts, and rejects with its reason then; the promise itself goes on unheard. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    let unlink: (() => void) | undefined;
    if (signal.aborted) reject(signal.reason);
    else unlink = onAbort(signal, () => reject(signal.reason));
    promise.finally(() => unlink?.()).then(resolve, reject);
  });
}
