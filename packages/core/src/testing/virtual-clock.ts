import { checkInteger, invalidOption } from '../errors/invalid-option.ts';
import { TunicError } from '../errors/tunic-error.ts';
import { type Clock, type Timer, sleepOn } from '../time/clock.ts';
import { type Duration, toMilliseconds } from '../time/duration.ts';
import { NodeClock, type VirtualNodeClock } from './virtual-node-clock.ts';
import { VirtualTimers } from './virtual-timers.ts';

/** Options of {@link createVirtualClock}. */
export interface VirtualClockOptions {
  /** The wall clock at the start, in milliseconds since the epoch; 2030-01-01T00:00:00Z by default. */
  now?: number;
}

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /**
   * Moves time on by `duration` and fires every timer that comes due on the way, also those set meanwhile, in order of
   * time and then of creation. Before the first timer and after each one it lets all promise chains run to rest, however
   * many awaits they have, and waits for what was given to {@link VirtualClock.track}. Calls made at once run one after
   * another. Rejects with what a timer's callback throws: time then stands at that timer and the later ones are kept.
   */
  advance(duration: Duration): Promise<void>;
  /** {@link VirtualClock.advance} until the wall clock shows `epochMs`, which must not lie in the past. */
  advanceTo(epochMs: number): Promise<void>;
  /**
   * Moves from timer to timer until only timers set with `unref` are left, as a process would before it exits. Rejects
   * with `ERR_TUNIC_TIMEOUT` when `maxTimers` (100,000 by default) have fired and there are still more.
   */
  runUntilIdle(options?: { maxTimers?: number }): Promise<void>;
  /** Sets the wall clock on, or back with a negative number; the monotonic clock and the timers do not notice. */
  jumpWall(by: Duration): void;
  /**
   * The whole machine sleeps for `duration`: its wall clock goes on; the monotonic clock and all timers stand still, as
   * on Linux and macOS. To freeze one process among several, suspend its {@link VirtualClock.forNode} view.
   */
  suspend(duration: Duration): void;
  /**
   * The view of one simulated process, whose wall clock is `skewMs` (0 by default) ahead. The same id gives the same
   * view; a skew given again replaces the old one.
   */
  forNode(id: string, skewMs?: number): VirtualNodeClock;
  /**
   * Makes every advance wait for real I/O: time does not go on before `promise` has settled. Returns the promise. It must
   * not itself wait for this clock.
   */
  track<T>(promise: Promise<T>): Promise<T>;
  /** Timers that are set and have neither fired nor been cleared, all nodes together. */
  readonly pendingTimers: number;
}

/** A chain of timers of length zero never ends; this many in a row are taken for one. */
const MAX_ZERO_TIMERS = 100_000;

class VirtualClockImplementation implements VirtualClock {
  readonly #timers: VirtualTimers;
  readonly #nodes = new Map<string, NodeClock>();
  #last: Promise<void> = Promise.resolve();

  constructor(now: number) {
    this.#timers = new VirtualTimers(now);
  }

  get pendingTimers(): number {
    return this.#timers.heap.size;
  }

  now(): number {
    return this.#timers.wallStart + this.#timers.elapsed;
  }

  monotonic(): number {
    return this.#timers.elapsed;
  }

  setTimeout(run: () => void, ms: number, options?: { unref?: boolean }): Timer {
    return this.#timers.set(run, ms, options?.unref === true);
  }

  clearTimeout(timer: Timer): void {
    this.#timers.remove(timer);
  }

  sleep(duration: Duration, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, duration, signal);
  }

  async advance(duration: Duration): Promise<void> {
    const ms = toMilliseconds(duration);
    return this.#inTurn(() => this.#runTo(this.#timers.elapsed + ms));
  }

  async advanceTo(epochMs: number): Promise<void> {
    return this.#inTurn(() => {
      if (!(epochMs >= this.now() && epochMs < Infinity)) throw invalidOption('epochMs', `a time from ${this.now()} on`, epochMs);
      return this.#runTo(this.#timers.elapsed + epochMs - this.now());
    });
  }

  async runUntilIdle(options: { maxTimers?: number } = {}): Promise<void> {
    const maxTimers = checkInteger('maxTimers', options.maxTimers ?? 100_000, 1);
    return this.#inTurn(() => this.#runAll(maxTimers));
  }

  jumpWall(by: Duration): void {
    this.#timers.wallStart += typeof by === 'number' && by < 0 && by > -Infinity ? by : toMilliseconds(by, 'by');
  }

  suspend(duration: Duration): void {
    this.jumpWall(toMilliseconds(duration));
  }

  forNode(id: string, skewMs?: number): VirtualNodeClock {
    let node = this.#nodes.get(id);
    if (node === undefined) this.#nodes.set(id, (node = new NodeClock(this.#timers, id)));
    if (skewMs !== undefined) node.skewMs = skewMs;
    return node;
  }

  track<T>(promise: Promise<T>): Promise<T> {
    const { tracked } = this.#timers;
    const done = (): void => void tracked.delete(promise);
    tracked.add(promise);
    promise.then(done, done);
    return promise;
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #runTo(target: number): Promise<void> {
    const timers = this.#timers;
    let zeroTimers = 0;
    await timers.rest();
    for (let timer = timers.heap.first; timer !== undefined && timer.due <= target; timer = timers.heap.first) {
      zeroTimers = timer.due === timer.setAt ? zeroTimers + 1 : 0;
      if (zeroTimers > MAX_ZERO_TIMERS) throw new TunicError('ERR_TUNIC_TIMEOUT', 'timers of length 0 set each other without end');
      await timers.fire(timer);
    }
    timers.elapsed = Math.max(timers.elapsed, target);
  }

  async #runAll(maxTimers: number): Promise<void> {
    const timers = this.#timers;
    await timers.rest();
    for (let fired = 0; timers.holding > 0 && timers.heap.first !== undefined && timers.heap.first.due < Infinity; fired++) {
      if (fired === maxTimers) throw new TunicError('ERR_TUNIC_TIMEOUT', `still ${timers.heap.size} timers pending after ${maxTimers} fired`);
      await timers.fire(timers.heap.first);
    }
  }
}

/**
 * A clock for tests on which hours pass in no time and always in the same order; it fits every `clock` option.
 *
 * @throws `ERR_TUNIC_OPTION`
 * @example
 * ```ts
 * import { createVirtualClock } from '@tunic/core/testing';
 *
 * const clock = createVirtualClock();
 * const nap = clock.sleep('8h');
 * await clock.advance('8h');
 * await nap;
 * ```
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { now = Date.UTC(2030, 0, 1) } = options;
  if (!Number.isFinite(now)) throw invalidOption('now', 'milliseconds since the epoch', now);
  return new VirtualClockImplementation(now);
}
