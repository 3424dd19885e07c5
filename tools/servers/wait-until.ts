import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_TRIES_MS = 25;

export interface WaitOptions {
  readonly withinMs: number;
  /** Settles with the reason when waiting has become pointless. */
  readonly unless?: Promise<string>;
}

/** Calls `check` until it fulfils; rejects with its last error when the time is over, or at once with the reason of `unless`. */
export async function waitUntil<T>(check: () => Promise<T>, options: WaitOptions): Promise<T> {
  const deadline = performance.now() + options.withinMs;
  const pointless: { reason?: string } = {};
  void options.unless?.then((reason) => (pointless.reason = reason));
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (pointless.reason !== undefined) throw new Error(pointless.reason, { cause: error });
      if (performance.now() > deadline) throw error;
    }
    await pause(BETWEEN_TRIES_MS);
  }
}
