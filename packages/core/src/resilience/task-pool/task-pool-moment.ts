import { onAbort } from '../../internal/abort-hub.ts';

/** A state that comes again and again, and those who wait for the next time. */
export class Moment {
  readonly #waiting = new Set<() => void>();

  /** Rejects with the signal's reason, and then leaves nothing behind. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const come = (): void => {
        unlink?.();
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(come);
        reject(signal?.reason);
      };
      const unlink = signal && onAbort(signal, giveUp);
      this.#waiting.add(come);
    });
  }

  come(): void {
    if (this.#waiting.size === 0) return;
    for (const come of this.#waiting) come();
    this.#waiting.clear();
  }
}
