import { createPriorityQueue, type PriorityQueue } from '../../collections/priority-queue.ts';
import type { PoolTask } from './task-pool-task.ts';

/** Waiting tasks in the order in which an overflow policy pushes them out. */
export class TaskPoolVictims {
  readonly #policy: 'drop-oldest' | 'drop-lowest';
  readonly #rankOf: (task: PoolTask) => number;
  readonly #queue: PriorityQueue<PoolTask>;
  #arrivals = 0;

  constructor(policy: 'drop-oldest' | 'drop-lowest', rankOf: (task: PoolTask) => number) {
    this.#policy = policy;
    this.#rankOf = rankOf;
    this.#queue = createPriorityQueue({
      compare: (a, b) => {
        const [rankOfA, rankOfB] = [rankOf(a), rankOf(b)];
        return policy === 'drop-oldest' ? a.arrival - b.arrival : rankOfA === rankOfB ? b.arrival - a.arrival : rankOfB - rankOfA;
      },
    });
  }

  add(task: PoolTask): void {
    task.arrival = this.#arrivals++;
    task.victimPlace = this.#queue.push(task);
  }

  remove({ victimPlace }: PoolTask): void {
    if (victimPlace !== undefined) this.#queue.remove(victimPlace);
  }

  /** Gives a task its new place after its priority has changed. */
  update({ victimPlace }: PoolTask): void {
    if (victimPlace !== undefined) this.#queue.update(victimPlace);
  }

  /** Who has to make room for a newcomer; `undefined`: the newcomer has to go. */
  victimOf(newcomer: PoolTask): PoolTask | undefined {
    const victim = this.#queue.peek();
    if (victim === undefined || this.#policy === 'drop-oldest') return victim;
    return this.#rankOf(victim) > this.#rankOf(newcomer) ? victim : undefined;
  }
}
