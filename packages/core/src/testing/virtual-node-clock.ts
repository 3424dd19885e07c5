import { type Clock, type Timer, sleepOn } from '../time/clock.ts';
import { type Duration, toMilliseconds } from '../time/duration.ts';
import type { VirtualTimer, VirtualTimers } from './virtual-timers.ts';

/** The clock of one simulated process: a skewed wall clock over the timers of its {@link VirtualClock}. */
export interface VirtualNodeClock extends Clock {
  readonly id: string;
  /**
   * Freezes this process while the others go on (a stopped process, a sleeping machine, a long pause): its monotonic
   * clock stands still and its timers come late by `duration`; its wall clock goes on.
   */
  suspend(duration: Duration): void;
  /** Ends this process: its timers are dropped and new ones never fire. */
  kill(): void;
}

/** See {@link VirtualNodeClock}. */
export class NodeClock implements VirtualNodeClock {
  readonly id: string;
  readonly #timers: VirtualTimers;
  skewMs = 0;
  #frozenMs = 0;
  #resumesAt = 0;
  #killed = false;

  constructor(timers: VirtualTimers, id: string) {
    this.#timers = timers;
    this.id = id;
  }

  now(): number {
    return this.#timers.wallStart + this.#timers.elapsed + this.skewMs;
  }

  monotonic(): number {
    return Math.max(this.#timers.elapsed, this.#resumesAt) - this.#frozenMs;
  }

  setTimeout(run: () => void, ms: number, options?: { unref?: boolean }): Timer {
    const frozenFor = Math.max(0, this.#resumesAt - this.#timers.elapsed);
    const timer = this.#timers.set(run, (ms > 0 ? ms : 0) + frozenFor, options?.unref === true, this);
    if (this.#killed) this.#timers.remove(timer);
    return timer;
  }

  clearTimeout(timer: Timer): void {
    this.#timers.remove(timer);
  }

  sleep(duration: Duration, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, duration, signal);
  }

  suspend(duration: Duration): void {
    const ms = toMilliseconds(duration);
    this.#resumesAt = Math.max(this.#timers.elapsed, this.#resumesAt) + ms;
    this.#frozenMs += ms;
    for (const timer of this.#own()) {
      this.#timers.remove(timer);
      timer.due += ms;
      this.#timers.add(timer);
    }
  }

  kill(): void {
    this.#killed = true;
    for (const timer of this.#own()) this.#timers.remove(timer);
  }

  #own(): VirtualTimer[] {
    return this.#timers.heap.all().filter((timer) => timer.owner === this);
  }
}
