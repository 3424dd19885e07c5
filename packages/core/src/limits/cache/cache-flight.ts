import { abortable } from '../../internal/abortable.ts';

/** What a function receives that makes a value for the cache. */
export interface CacheRun {
  /** Aborts when nobody waits for the value any more, with the reason of the last one. Made on first use. */
  readonly signal: AbortSignal;
}

/** One making of a value, shared by all who want it meanwhile. */
export class CacheFlight implements CacheRun {
  /** Whether what it makes may be stored: nobody has changed or removed the key since it began. */
  valid = true;
  /** The text of the value; never unhandled. */
  readonly landed: Promise<string>;
  #waiting = 0;
  #controller: AbortController | undefined;
  #abandoned: { reason: unknown } | undefined;

  constructor(make: (flight: CacheFlight) => Promise<string>) {
    this.landed = make(this);
    this.landed.catch(() => undefined);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abandoned !== undefined) this.#controller.abort(this.#abandoned.reason);
    }
    return this.#controller.signal;
  }

  /** Whether everybody who waited has gone. */
  get abandoned(): boolean {
    return this.#abandoned !== undefined;
  }

  /** Waits for the value until `signal` aborts; the others wait on. */
  async join(signal: AbortSignal | undefined): Promise<string> {
    this.#waiting++;
    try {
      return await abortable(this.landed, signal);
    } catch (error) {
      if (signal?.aborted === true && this.#waiting === 1) this.#abandon(signal.reason);
      throw error;
    } finally {
      this.#waiting--;
    }
  }

  #abandon(reason: unknown): void {
    this.#abandoned = { reason };
    this.#controller?.abort(reason);
  }
}
