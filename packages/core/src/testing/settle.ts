import { systemClock } from '../time/clock.ts';

const TURNS = 4;

// Taken once, so that fake timers of a test runner put in later do not stop the event loop for us.
const { setImmediate: immediate } = globalThis as { setImmediate?: (run: () => void) => unknown };

function nextTurn(run: () => void): void {
  if (immediate === undefined) systemClock.setTimeout(run, 0);
  else immediate(run);
}

/**
 * Resolves when every promise chain that can go on without time or I/O has come to rest. One turn of the event loop
 * empties the microtask queue however long the chains are; the few further turns are for code that itself yields one.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    const step = (left: number): void => {
      if (left === 0) resolve();
      else nextTurn(() => step(left - 1));
    };
    step(TURNS);
  });
}
