import { TunicError } from '../../errors/tunic-error.ts';
import { callHook } from '../../logging/logger.ts';
import { toMilliseconds } from '../../time/duration.ts';
import type { CircuitBreakerSettings } from './circuit-breaker-options.ts';
import type { CircuitBreaker, CircuitBreakerSnapshot, CircuitIsolation, CircuitState } from './circuit-breaker-types.ts';
import { type ProbePlace, ProbePlaces } from './probe-places.ts';
import { AttemptRun, type Operation } from '../run.ts';

/** The states of a circuit; `createCircuitBreaker` checks the options. */
export class GuardedCircuit implements CircuitBreaker {
  readonly #settings: CircuitBreakerSettings;
  readonly #runLimits: ConstructorParameters<typeof AttemptRun>[2];
  readonly #places: ProbePlaces;
  readonly #isolations = new Set<CircuitIsolation>();
  #state: CircuitState = 'closed';
  /** Grows with each change of state: what began in an older one no longer counts. */
  #epoch = 0;
  #failuresInRow = 0;
  #probeSuccesses = 0;
  #probeFailures = 0;
  /** Since the circuit was last closed. */
  #openings = 0;
  #openForMs = 0;
  /** On the monotonic clock. */
  #openUntilMs = 0;

  constructor(settings: CircuitBreakerSettings, snapshot: CircuitBreakerSnapshot | undefined) {
    this.#settings = settings;
    this.#runLimits = { clock: settings.clock, deadlineMs: Infinity, limited: false };
    this.#places = new ProbePlaces(settings.halfOpen.concurrency, settings.halfOpen.timeoutMs);
    if (snapshot !== undefined) this.#restore(snapshot);
  }

  get state(): CircuitState {
    return this.#state;
  }

  async run<T>(operation: Operation<T>, options?: { signal?: AbortSignal | undefined }): Promise<T> {
    const signal = options?.signal;
    signal?.throwIfAborted();
    const place = this.#state === 'closed' ? undefined : this.#takePlace(signal);
    const epoch = this.#epoch;
    const { slowMs, isFailure, clock } = this.#settings;
    const startMs = slowMs === Infinity ? 0 : clock.monotonic();
    let value: T;
    try {
      value = await operation(new AttemptRun(1, signal, this.#runLimits));
    } catch (error) {
      if (place !== undefined) this.#places.free(place);
      if (epoch === this.#epoch && signal?.aborted !== true) this.#count(isFailure?.({ error }) ?? true, startMs);
      throw error;
    }
    if (place !== undefined) this.#places.free(place);
    if (epoch === this.#epoch) this.#count(isFailure?.({ value }) ?? false, startMs);
    return value;
  }

  isolate(): CircuitIsolation {
    const release = (): void => {
      if (this.#isolations.delete(isolation) && this.#isolations.size === 0) this.#close();
    };
    const isolation: CircuitIsolation = { release, [Symbol.dispose]: release };
    this.#isolations.add(isolation);
    if (this.#state === 'isolated') return isolation;
    this.#forget();
    this.#moveTo('isolated');
    return isolation;
  }

  reset(): void {
    this.#isolations.clear();
    this.#close();
  }

  toJSON(): CircuitBreakerSnapshot {
    const { clock, window } = this.#settings;
    const leftMs = this.#state === 'open' ? Math.max(0, this.#openUntilMs - clock.monotonic()) : 0;
    return {
      state: this.#state === 'open' || this.#state === 'half-open' ? 'open' : 'closed',
      openings: this.#openings,
      openForMs: this.#openForMs,
      probeAt: clock.now() + leftMs,
      failuresInRow: this.#failuresInRow,
      window: window?.save() ?? {},
    };
  }

  #restore({ state, openings, openForMs, probeAt, failuresInRow, window }: CircuitBreakerSnapshot): void {
    const { clock } = this.#settings;
    this.#state = state;
    this.#openings = openings;
    this.#openForMs = openForMs;
    this.#failuresInRow = failuresInRow;
    // A wall clock that was set back must not keep it open for longer than it was opened for.
    this.#openUntilMs = clock.monotonic() + Math.min(openForMs, probeAt - clock.now());
    this.#settings.window?.restore(window);
  }

  /** For a call that finds the circuit not closed. */
  #takePlace(signal: AbortSignal | undefined): ProbePlace {
    if (this.#state === 'isolated') throw refusal('isolated');
    const nowMs = this.#settings.clock.monotonic();
    if (this.#state === 'open') {
      if (nowMs < this.#openUntilMs) throw refusal('open', Math.ceil(this.#openUntilMs - nowMs));
      this.#moveTo('half-open');
    }
    const place = this.#places.take(nowMs, signal);
    if (place === undefined) throw refusal('half-open and has no place for another probe');
    return place;
  }

  /** How a call ended that began in this epoch. */
  #count(failed: boolean, startMs: number): void {
    const { clock, slowMs } = this.#settings;
    const slow = slowMs !== Infinity && clock.monotonic() - startMs >= slowMs;
    if (this.#state === 'half-open') this.#countProbe(failed || slow);
    else if (this.#state === 'closed') this.#countCall(failed, slow);
  }

  #countCall(failed: boolean, slow: boolean): void {
    this.#failuresInRow = failed ? this.#failuresInRow + 1 : 0;
    this.#settings.window?.record(failed, slow);
    if (this.#isTooMuch()) this.#open();
  }

  #isTooMuch(): boolean {
    const { consecutive, window, minimumCalls, failureRate, slowRate } = this.#settings;
    if (this.#failuresInRow >= consecutive) return true;
    if (window === undefined || window.calls < minimumCalls) return false;
    return window.failures / window.calls >= failureRate || window.slow / window.calls >= slowRate;
  }

  #countProbe(failed: boolean): void {
    const { successes, failuresAllowed } = this.#settings.halfOpen;
    if (failed) this.#probeFailures++;
    else this.#probeSuccesses++;
    if (this.#probeSuccesses >= successes) this.#close();
    else if (this.#probeFailures > failuresAllowed) this.#open();
  }

  #open(): void {
    const { clock, openFor, random } = this.#settings;
    this.#openForMs = toMilliseconds(openFor(this.#openings + 1, this.#openForMs, random), 'openFor');
    this.#openUntilMs = clock.monotonic() + this.#openForMs;
    this.#openings++;
    this.#moveTo('open');
  }

  #close(): void {
    this.#forget();
    this.#moveTo('closed');
  }

  #forget(): void {
    this.#openings = this.#openForMs = this.#failuresInRow = 0;
    this.#settings.window?.clear();
  }

  #moveTo(to: CircuitState): void {
    const { onStateChange, logger } = this.#settings;
    const from = this.#state;
    this.#state = to;
    this.#epoch++;
    this.#probeSuccesses = this.#probeFailures = 0;
    this.#places.clear();
    if (onStateChange === undefined || from === to) return;
    const openForMs = to === 'open' ? this.#openForMs : 0;
    callHook(logger, 'onStateChange', () => onStateChange({ from, to, openForMs }));
  }
}

function refusal(state: string, retryAfterMs?: number): TunicError {
  const options = { retryable: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return new TunicError('ERR_TUNIC_CIRCUIT_OPEN', `the circuit is ${state}`, options);
}
