import { TunicError } from '../errors/tunic-error.ts';
import { onAbort } from '../internal/abort-hub.ts';
import type { Clock } from '../time/clock.ts';

/** What ends a step before it ends itself. */
export interface StepBounds {
  clock: Clock;
  /** Named in the error of a time-out. */
  name: string;
  timeoutMs: number | undefined;
  /** Ends the wait with its reason; must not be aborted yet. */
  signal?: AbortSignal;
  /** Aborted with whatever ended the wait early, so that the step itself learns of it. */
  controller: AbortController;
}

/**
 * Waits for `run` within bounds. A step that is given up goes on by itself: `onLate` is told when it comes through
 * after all, and what it rejects with is dropped.
 */
export function runBounded(run: () => unknown, bounds: StepBounds, onLate?: () => void): Promise<void> {
  const { clock, name, timeoutMs, signal, controller } = bounds;
  return new Promise((resolve, reject) => {
    let open = true;
    const close = (): void => {
      open = false;
      if (timer !== undefined) clock.clearTimeout(timer);
      unlink?.();
    };
    const giveUp = (error: unknown): void => {
      close();
      reject(error);
      controller.abort(error);
    };
    const timer =
      timeoutMs === undefined
        ? undefined
        : clock.setTimeout(() => giveUp(new TunicError('ERR_TUNIC_TIMEOUT', `${name} timed out after ${timeoutMs} ms`, { retryable: true })), timeoutMs);
    const unlink = signal === undefined ? undefined : onAbort(signal, () => giveUp(signal.reason));
    const succeed = (): void => {
      if (!open) return onLate?.();
      close();
      resolve();
    };
    const fail = (error: unknown): void => {
      if (!open) return;
      close();
      reject(error);
    };
    new Promise((settle) => settle(run())).then(succeed, fail);
  });
}
