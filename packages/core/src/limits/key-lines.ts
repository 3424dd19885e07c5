import { onAbort } from '../internal/abort-hub.ts';

/** Those who wait for one key, in order of arrival. */
class Line {
  readonly waiters: Set<() => void> = new Set<() => void>();
  // One iterator for good: a new one would walk over all who left before, each time.
  readonly order: SetIterator<() => void> = this.waiters.values();
}

/** Lets one at a time in per key, in order of arrival; a key that nobody uses takes no room. */
export class KeyLines {
  readonly #lines = new Map<string, Line>();

  /** Keys that somebody is in for. */
  get size(): number {
    return this.#lines.size;
  }

  /** Goes in if nobody is in or waits. */
  tryEnter(key: string): boolean {
    if (this.#lines.has(key)) return false;
    this.#lines.set(key, new Line());
    return true;
  }

  /** Resolves when it is in. Rejects with the reason of `signal`, which must not be aborted yet, and is out then. */
  enter(key: string, signal: AbortSignal | undefined): Promise<void> {
    const line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, new Line());
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const goIn = (): void => {
        unlink?.();
        resolve();
      };
      const unlink =
        signal &&
        onAbort(signal, () => {
          line.waiters.delete(goIn);
          reject(signal.reason);
        });
      line.waiters.add(goIn);
    });
  }

  /** Lets the next one in. To be called once by each who went in. */
  leave(key: string): void {
    const line = this.#lines.get(key);
    if (line === undefined) return;
    const next = line.order.next();
    if (next.done === true) {
      this.#lines.delete(key);
      return;
    }
    line.waiters.delete(next.value);
    next.value();
  }
}
