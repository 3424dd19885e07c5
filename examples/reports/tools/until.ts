import { setTimeout as pause } from 'node:timers/promises';

/** How long to wait, and what for. */
export interface UntilOptions {
  readonly withinMs?: number;
  /** Names what was waited for in the error. */
  readonly what?: string;
}

const BETWEEN_TRIES_MS = 15;

/** Waits until `find` gives something other than `undefined` or `false`, and fails by name at the deadline. */
export async function until<T>(find: () => T | Promise<T>, options: UntilOptions = {}): Promise<Exclude<T, undefined | false>> {
  const { withinMs = 20_000, what = find.toString() } = options;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await pause(BETWEEN_TRIES_MS);
  }
}
