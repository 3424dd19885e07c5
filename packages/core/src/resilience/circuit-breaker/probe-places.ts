import { onAbort } from '../../internal/abort-hub.ts';

/** A place that one probe holds. */
export interface ProbePlace {
  readonly untilMs: number;
  /** Stops listening for the caller's abort. */
  unlink: (() => void) | undefined;
}

/** The places for the probes of a half-open circuit: a probe that hangs or was called off keeps none. */
export class ProbePlaces {
  readonly #size: number;
  readonly #timeoutMs: number;
  /** Oldest first. */
  readonly #taken = new Set<ProbePlace>();

  constructor(size: number, timeoutMs: number) {
    this.#size = size;
    this.#timeoutMs = timeoutMs;
  }

  /** @param nowMs - on the monotonic clock */
  take(nowMs: number, signal: AbortSignal | undefined): ProbePlace | undefined {
    this.#freeOverdue(nowMs);
    if (this.#taken.size >= this.#size) return undefined;
    const place: ProbePlace = { untilMs: nowMs + this.#timeoutMs, unlink: undefined };
    if (signal !== undefined) place.unlink = onAbort(signal, () => this.free(place));
    this.#taken.add(place);
    return place;
  }

  /** Does nothing for a place that is free already. */
  free(place: ProbePlace): void {
    if (this.#taken.delete(place)) place.unlink?.();
  }

  clear(): void {
    for (const place of this.#taken) this.free(place);
  }

  #freeOverdue(nowMs: number): void {
    for (const place of this.#taken) {
      if (place.untilMs > nowMs) return;
      this.free(place);
    }
  }
}
