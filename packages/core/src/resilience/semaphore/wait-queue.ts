import { createPriorityQueue, type PriorityHandle, type PriorityQueue } from '../../collections/priority-queue.ts';

/** Something that stands in a {@link WaitQueue}; the queue alone writes these fields. */
export abstract class Waiter {
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;
  level: Level | undefined = undefined;
}

interface Level {
  readonly priority: number;
  handle: PriorityHandle | undefined;
  head: Waiter | undefined;
  tail: Waiter | undefined;
}

/**
 * Waiters by priority, the lowest number first, and by arrival within one. Joining and leaving are O(1) for a priority
 * that is in use already, O(log levels) for the first and the last of one.
 */
export class WaitQueue<W extends Waiter> {
  readonly #newestFirst: boolean;
  readonly #levels = new Map<number, Level>();
  readonly #order: PriorityQueue<Level> = createPriorityQueue();
  #first: Level | undefined = undefined;
  #size = 0;

  constructor(newestFirst: boolean) {
    this.#newestFirst = newestFirst;
  }

  get size(): number {
    return this.#size;
  }

  /** Who is next. */
  get head(): W | undefined {
    return this.#first?.head as W | undefined;
  }

  /** The priority of who is next. */
  get firstPriority(): number | undefined {
    return this.#first?.priority;
  }

  add(waiter: W, priority: number): void {
    const level = this.#first?.priority === priority ? this.#first : this.#levelOf(priority);
    waiter.level = level;
    this.#size++;
    if (level.head === undefined || level.tail === undefined) {
      level.head = level.tail = waiter;
    } else if (this.#newestFirst) {
      waiter.next = level.head;
      level.head = level.head.previous = waiter;
    } else {
      waiter.previous = level.tail;
      level.tail = level.tail.next = waiter;
    }
  }

  /** `false`: it does not stand in the queue. */
  remove(waiter: W): boolean {
    const { level, previous, next } = waiter;
    if (level === undefined) return false;
    waiter.level = waiter.previous = waiter.next = undefined;
    this.#size--;
    if (previous === undefined) level.head = next;
    else previous.next = next;
    if (next === undefined) level.tail = previous;
    else next.previous = previous;
    if (level.head === undefined) this.#drop(level);
    return true;
  }

  /** Everyone, in no particular order. */
  all(): W[] {
    const waiters: W[] = [];
    for (const { head } of this.#levels.values())
      for (let waiter = head; waiter !== undefined; waiter = waiter.next) waiters.push(waiter as W);
    return waiters;
  }

  #levelOf(priority: number): Level {
    const known = this.#levels.get(priority);
    if (known !== undefined) return known;
    const level: Level = { priority, handle: undefined, head: undefined, tail: undefined };
    level.handle = this.#order.push(level, priority);
    this.#levels.set(priority, level);
    this.#first = this.#order.peek();
    return level;
  }

  #drop(level: Level): void {
    this.#levels.delete(level.priority);
    if (level.handle !== undefined) this.#order.remove(level.handle);
    this.#first = this.#order.peek();
  }
}
