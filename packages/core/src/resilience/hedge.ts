import { checkFunction, checkInteger } from '../errors/invalid-option.ts';
import { onAbort } from '../internal/abort-hub.ts';
import { Bell } from '../internal/bell.ts';
import { callHook, type Logger, silentLogger } from '../logging/logger.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type Duration, toMilliseconds } from '../time/duration.ts';
import { isWorthRetrying } from './retry/retry-options.ts';
import { AttemptRun, type Operation, type Outcome } from './run.ts';

/** Options of {@link hedge}. */
export interface HedgeOptions<T> {
  /** How long to wait for the attempts so far before one more starts. A failed attempt is replaced at once. */
  delay: Duration;
  /** Calls in all, the first included; 2 by default. */
  attempts?: number;
  /**
   * Whether another attempt may still do better than this outcome, which is `{ error }` or `{ value }`; if not, it is the
   * result. By default after every error, but neither a `TunicError` with `retryable: false` nor the reason of the
   * caller's abort. When it throws, that is what the caller gets.
   */
  shouldHedge?: (outcome: Outcome<T>, attempt: number) => boolean;
  /** Gets each value that nobody will see. What it throws goes to `logger`. */
  onDiscard?: (value: T) => void;
  /** Calls everything off: rejects at once with its reason. */
  signal?: AbortSignal | undefined;
  clock?: Clock;
  logger?: Logger;
}

interface HedgeSettings<T> {
  readonly delayMs: number;
  readonly attempts: number;
  readonly shouldHedge: (outcome: Outcome<T>, attempt: number) => boolean;
  readonly onDiscard: ((value: T) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Calls an operation, and again each time `delay` passes without a result; the first success wins and aborts
 * `run.signal` of the others. When every attempt fails, the failure that came first comes back, since later ones are
 * often its echo. Only for operations that do no harm when they run twice.
 *
 * Sources: J. Dean, L. A. Barroso, "The Tail at Scale", CACM 56(2), 2013; gRPC proposal A6, hedging policy.
 *
 * @throws (rejects) the first error; the signal's reason; `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { hedge, systemClock } from '@tunic/core';
 *
 * const answer = await hedge(
 *   async ({ attempt, signal }) => {
 *     await systemClock.sleep(attempt === 1 ? '1m' : 1, signal);
 *     return `from attempt ${attempt}`;
 *   },
 *   { delay: '5ms' },
 * ); // 'from attempt 2'
 * ```
 */
export async function hedge<T>(operation: Operation<T>, options: HedgeOptions<T>): Promise<T> {
  const settings = readOptions(options);
  settings.signal?.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const end = (outcome: Outcome<T>): void => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value));
    void new HedgedCall(operation, settings, end).start();
  });
}

function readOptions<T>(options: HedgeOptions<T>): HedgeSettings<T> {
  const { attempts = 2, signal, onDiscard, clock = systemClock, logger = silentLogger } = options;
  const { shouldHedge = (outcome: Outcome<T>): boolean => isWorthRetrying(outcome, signal) } = options;
  checkFunction('shouldHedge', shouldHedge);
  if (onDiscard !== undefined) checkFunction('onDiscard', onDiscard);
  const delayMs = toMilliseconds(options.delay, 'delay');
  return { delayMs, attempts: checkInteger('attempts', attempts, 1), shouldHedge, onDiscard, signal, clock, logger };
}

class HedgedCall<T> {
  readonly #operation: Operation<T>;
  readonly #settings: HedgeSettings<T>;
  readonly #end: (outcome: Outcome<T>) => void;
  readonly #runs = new Set<AttemptRun>();
  /** Wakes the loop that starts the attempts, so that each runs in the async context of the call. */
  readonly #bell: Bell;
  #unlink: (() => void) | undefined = undefined;
  #open = true;
  #failed = 0;
  #firstFailure: Outcome<T> | undefined = undefined;

  constructor(operation: Operation<T>, settings: HedgeSettings<T>, end: (outcome: Outcome<T>) => void) {
    this.#operation = operation;
    this.#settings = settings;
    this.#end = end;
    this.#bell = new Bell(settings.clock);
  }

  async start(): Promise<void> {
    const { attempts, delayMs, signal } = this.#settings;
    if (signal !== undefined) this.#unlink = onAbort(signal, () => this.#finish({ error: signal.reason }, signal.reason));
    for (let attempt = 1; attempt <= attempts && this.#open; attempt++) {
      void this.#try(attempt);
      if (attempt < attempts) await this.#bell.wait(delayMs);
    }
  }

  async #try(attempt: number): Promise<void> {
    const { signal, clock } = this.#settings;
    const run = new AttemptRun(attempt, signal, { clock, deadlineMs: Infinity, limited: true });
    this.#runs.add(run);
    let outcome: Outcome<T>;
    try {
      outcome = { value: await this.#operation(run) };
    } catch (error) {
      outcome = { error };
    }
    run.end();
    this.#runs.delete(run);
    if (this.#open) this.#judge(outcome, attempt);
    else this.#discard(outcome);
  }

  #judge(outcome: Outcome<T>, attempt: number): void {
    const { shouldHedge } = this.#settings;
    let isResult: boolean;
    try {
      isResult = !shouldHedge(outcome, attempt);
    } catch (error) {
      this.#discard(outcome);
      this.#finish({ error });
      return;
    }
    if (isResult) this.#finish(outcome);
    else this.#countFailure(outcome);
  }

  #countFailure(outcome: Outcome<T>): void {
    if (this.#firstFailure === undefined) this.#firstFailure = outcome;
    else this.#discard(outcome);
    if (++this.#failed === this.#settings.attempts) this.#finish(this.#firstFailure);
    else this.#bell.ring();
  }

  #finish(outcome: Outcome<T>, abortReason?: unknown): void {
    this.#open = false;
    this.#unlink?.();
    this.#bell.ring();
    for (const run of this.#runs) {
      run.end();
      run.abort(abortReason);
    }
    if (this.#firstFailure !== undefined && this.#firstFailure !== outcome) this.#discard(this.#firstFailure);
    this.#end(outcome);
  }

  #discard(outcome: Outcome<T>): void {
    const { onDiscard, logger } = this.#settings;
    if (onDiscard !== undefined && !('error' in outcome)) callHook(logger, 'onDiscard', () => onDiscard(outcome.value));
  }
}
