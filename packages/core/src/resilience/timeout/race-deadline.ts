import { TunicError } from '../../errors/tunic-error.ts';
import { onAbort } from '../../internal/abort-hub.ts';
import type { Clock } from '../../time/clock.ts';
import type { AttemptRun, Operation, Outcome } from '../run.ts';

/** What ends a race before the operation does. */
export interface Deadline<T> {
  readonly clock: Clock;
  readonly ms: number;
  /** Its abort rejects at once with its reason. */
  readonly signal: AbortSignal | undefined;
  /** Stands in for the rejection with the time-out error. */
  readonly fallback: ((error: TunicError) => T | PromiseLike<T>) | undefined;
  /** Gets what the operation ends with after the race was over. */
  readonly late: (outcome: Outcome<T>) => void;
}

/** The error of a time limit that passed. */
export function timeoutError(ms: number): TunicError {
  return new TunicError('ERR_TUNIC_TIMEOUT', `timed out after ${ms} ms`, { retryable: true });
}

/** Settles as the operation does, or when time is up or the signal aborts, whichever comes first, and ends the run. */
export function raceDeadline<T>(operation: Operation<T>, run: AttemptRun, deadline: Deadline<T>): Promise<T> {
  const { clock, ms, signal, fallback } = deadline;
  return new Promise<T>((resolve, reject) => {
    let open = true;
    const close = (): void => {
      open = false;
      clock.clearTimeout(timer);
      unlink?.();
      run.end();
    };
    const timer = clock.setTimeout(() => {
      close();
      const error = timeoutError(ms);
      run.abort(error);
      if (fallback === undefined) reject(error);
      else resolve(standIn(fallback, error));
    }, ms);
    const unlink =
      signal &&
      onAbort(signal, () => {
        close();
        run.abort(signal.reason);
        reject(signal.reason);
      });
    const succeed = (value: T): void => {
      if (open) {
        close();
        resolve(value);
      } else deadline.late({ value });
    };
    const fail = (error: unknown): void => {
      if (open) {
        close();
        reject(error);
      } else deadline.late({ error });
    };
    try {
      const result = operation(run);
      if (isPromiseLike(result)) Promise.resolve(result).then(succeed, fail);
      else succeed(result);
    } catch (error) {
      fail(error);
    }
  });
}

async function standIn<T>(fallback: (error: TunicError) => T | PromiseLike<T>, error: TunicError): Promise<T> {
  return fallback(error);
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
