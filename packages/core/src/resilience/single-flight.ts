import { onAbort } from '../internal/abort-hub.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { AttemptRun, type Operation } from './run.ts';

/** Options of {@link createSingleFlight}. */
export interface SingleFlightOptions {
  clock?: Clock;
}

/** Lets calls for the same thing at the same time share one run. */
export interface SingleFlight {
  /** How many keys have an operation under way that somebody waits for. */
  readonly size: number;
  /**
   * Calls the operation, or joins the one that is under way for an equal key (compared as a `Map` does) and leaves this
   * one uncalled; all who share a run end as it does. It runs in the async context of who came first.
   *
   * A caller whose signal aborts leaves at once; when nobody is left, `run.signal` aborts with the last one's reason and
   * the next call starts anew. Callers without a signal stay to the end. So do calls that come after the end start anew:
   * no result is kept.
   *
   * @throws (rejects) what the operation throws, unchanged; the reason of this caller's own signal
   */
  run<T>(key: unknown, operation: Operation<T>, options?: { signal?: AbortSignal | undefined }): Promise<T>;
}

/** One run and how many wait for it. */
interface Flight {
  readonly run: AttemptRun;
  /** `undefined` while the operation has not returned from its call. */
  result: Promise<unknown> | undefined;
  callers: number;
}

class KeyedFlights implements SingleFlight {
  readonly #flights = new Map<unknown, Flight>();
  readonly #runLimits: ConstructorParameters<typeof AttemptRun>[2];

  constructor(clock: Clock) {
    this.#runLimits = { clock, deadlineMs: Infinity, limited: true };
  }

  get size(): number {
    return this.#flights.size;
  }

  run<T>(key: unknown, operation: Operation<T>, options?: { signal?: AbortSignal | undefined }): Promise<T> {
    const signal = options?.signal;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const known = this.#flights.get(key);
    if (known !== undefined) known.callers++;
    const flight = known ?? this.#start(key, operation);
    const result = flight.result ?? Promise.resolve().then(() => flight.result);
    return (signal === undefined ? result : follow(result, signal, () => this.#leave(key, flight, signal.reason))) as Promise<T>;
  }

  #start(key: unknown, operation: Operation<unknown>): Flight {
    const run = new AttemptRun(1, undefined, this.#runLimits);
    const flight: Flight = { run, callers: 1, result: undefined };
    // Before the call: an operation that asks for its own key must find itself.
    this.#flights.set(key, flight);
    flight.result = this.#complete(key, flight, operation);
    return flight;
  }

  async #complete(key: unknown, flight: Flight, operation: Operation<unknown>): Promise<unknown> {
    try {
      return await operation(flight.run);
    } finally {
      this.#forget(key, flight);
    }
  }

  #leave(key: unknown, flight: Flight, reason: unknown): void {
    flight.callers--;
    // Nothing is left to call off once the operation has ended.
    if (flight.callers > 0 || this.#flights.get(key) !== flight) return;
    this.#forget(key, flight);
    flight.run.abort(reason);
  }

  #forget(key: unknown, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}

/** Follows `result` until `signal` aborts. */
function follow(result: Promise<unknown>, signal: AbortSignal, leave: () => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => {
      reject(signal.reason);
      leave();
    };
    let unlink: (() => void) | undefined;
    // The operation itself may have made its caller abort.
    if (signal.aborted) abandon();
    else unlink = onAbort(signal, abandon);
    result.finally(() => unlink?.()).then(resolve, reject);
  });
}

/**
 * Creates a single flight: at most one operation runs for each key, and everyone who asks meanwhile gets its result.
 *
 * @example
 * ```ts
 * import { createSingleFlight } from '@tunic/core';
 *
 * const flights = createSingleFlight();
 * let loads = 0;
 * const load = () => flights.run('user:7', async () => `loaded ${++loads} times`);
 * await Promise.all([load(), load()]); // ['loaded 1 times', 'loaded 1 times']
 * ```
 */
export function createSingleFlight({ clock = systemClock }: SingleFlightOptions = {}): SingleFlight {
  return new KeyedFlights(clock);
}
