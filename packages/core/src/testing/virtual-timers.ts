import type { Timer } from '../time/clock.ts';
import { settle } from './settle.ts';
import { type HeapTimer, TimerHeap } from './timer-heap.ts';

/** One timer; `owner` is the node that set it. */
export class VirtualTimer implements HeapTimer {
  due: number;
  index = -1;
  readonly order: number;
  readonly setAt: number;
  readonly run: () => void;
  readonly unref: boolean;
  readonly owner: object | undefined;

  constructor(timers: VirtualTimers, run: () => void, delay: number, unref: boolean, owner: object | undefined) {
    this.order = timers.nextOrder++;
    this.setAt = timers.elapsed;
    this.due = timers.elapsed + delay;
    this.run = run;
    this.unref = unref;
    this.owner = owner;
  }
}

/** What a clock and its nodes share: the time that has passed, the timers, and what to wait for. */
export class VirtualTimers {
  elapsed = 0;
  nextOrder = 0;
  wallStart: number;
  readonly heap: TimerHeap<VirtualTimer> = new TimerHeap();
  readonly tracked: Set<Promise<unknown>> = new Set();
  /** Timers that would keep a process alive. */
  holding = 0;

  constructor(wallStart: number) {
    this.wallStart = wallStart;
  }

  set(run: () => void, ms: number, unref: boolean, owner?: object): VirtualTimer {
    const timer = new VirtualTimer(this, run, ms > 0 ? ms : 0, unref, owner);
    this.add(timer);
    return timer;
  }

  add(timer: VirtualTimer): void {
    this.heap.add(timer);
    if (!timer.unref) this.holding++;
  }

  remove(timer: Timer): void {
    if (timer instanceof VirtualTimer && this.heap.remove(timer) && !timer.unref) this.holding--;
  }

  async rest(): Promise<void> {
    await settle();
    while (this.tracked.size > 0) {
      await Promise.allSettled(this.tracked);
      await settle();
    }
  }

  fire(timer: VirtualTimer): Promise<void> {
    this.remove(timer);
    this.elapsed = Math.max(this.elapsed, timer.due);
    timer.run();
    return this.rest();
  }
}
