import { createPriorityQueue, type PriorityQueue } from '../../collections/priority-queue.ts';
import type { KeyedTasks, PoolTask } from './task-pool-task.ts';

const byRankAndTurn = (a: KeyedTasks, b: KeyedTasks): number => (a.rank === b.rank ? a.turn - b.turn : a.rank - b.rank);

/**
 * Waiting tasks by priority and arrival, and by turns of their keys where there are any.
 *
 * Aging needs no work while tasks wait: all gain priority at the same pace, so the order of any two never changes, and
 * `priority + arrival time / aging` is a rank for good.
 */
export class TaskPoolQueue {
  readonly #perKey: number;
  /** Milliseconds that are worth one step of priority. */
  readonly #agingMs: number;
  readonly #unkeyed: KeyedTasks = createKeyedTasks(undefined);
  /** Both are there from the first key on; without keys, the tasks need no order of keys. */
  #keys: Map<string, KeyedTasks> | undefined = undefined;
  readonly #order: PriorityQueue<KeyedTasks> = createPriorityQueue({ compare: byRankAndTurn });
  #turns = 0;
  #size = 0;

  constructor(perKey: number, agingMs: number) {
    this.#perKey = perKey;
    this.#agingMs = agingMs;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether one of the waiting tasks may start. */
  get isReady(): boolean {
    return this.#keys === undefined ? this.#size > 0 : this.#order.size > 0;
  }

  /** Whether the key of a newcomer leaves it room. */
  hasRoomFor(key: string | undefined): boolean {
    if (key === undefined || this.#keys === undefined) return true;
    const keyed = this.#keys.get(key);
    return keyed === undefined || keyed.running < this.#perKey;
  }

  add(task: PoolTask): void {
    const keyed = this.#join(task);
    const place = keyed.waiting.push(task, this.rankOf(task));
    if (task.isMovable) task.place = place;
    this.#size++;
    this.#rank(keyed);
  }

  /** Takes out the task that is next, and counts it as running; `undefined` when none may start. */
  take(nowMs: number): PoolTask | undefined {
    const keyed = this.#keys === undefined ? this.#unkeyed : this.#order.peek();
    const task = keyed?.waiting.pop();
    if (task === undefined || keyed === undefined) return undefined;
    task.place = undefined;
    this.#size--;
    keyed.running++;
    keyed.turn = ++this.#turns;
    keyed.sinceMs = nowMs;
    this.#rank(keyed);
    return task;
  }

  /** Counts a task as running that did not have to wait. */
  begin(task: PoolTask): void {
    const keyed = this.#join(task);
    keyed.running++;
    keyed.turn = ++this.#turns;
    this.#rank(keyed);
  }

  /** A task that was taken or begun has ended. */
  end({ group }: PoolTask): void {
    if (group === undefined) return;
    group.running--;
    this.#rank(group);
  }

  /** `false`: it does not wait. */
  remove(task: PoolTask): boolean {
    const { group, place } = task;
    if (group === undefined || place === undefined || !group.waiting.remove(place)) return false;
    task.place = undefined;
    this.#size--;
    this.#rank(group);
    return true;
  }

  /** Takes out all tasks, those of one key in their order. */
  takeAll(): PoolTask[] {
    const tasks: PoolTask[] = [];
    for (const keyed of [this.#unkeyed, ...(this.#keys?.values() ?? [])]) {
      for (let task = keyed.waiting.pop(); task !== undefined; task = keyed.waiting.pop()) {
        task.place = undefined;
        tasks.push(task);
      }
      this.#rank(keyed);
    }
    this.#size = 0;
    return tasks;
  }

  /** Gives a waiting task its new place after its priority has changed. */
  update(task: PoolTask): void {
    const { group, place } = task;
    if (group === undefined || place === undefined) return;
    group.waiting.update(place, this.rankOf(task));
    this.#rank(group);
  }

  /** Lower is sooner. */
  rankOf({ priority, sinceMs }: PoolTask): number {
    return priority + sinceMs / this.#agingMs;
  }

  #join(task: PoolTask): KeyedTasks {
    const { key } = task;
    return (task.group = key === undefined ? this.#unkeyed : this.#keyed(key));
  }

  #keyed(key: string): KeyedTasks {
    if (this.#keys === undefined) {
      this.#keys = new Map();
      this.#rank(this.#unkeyed);
    }
    let keyed = this.#keys.get(key);
    if (keyed === undefined) {
      keyed = createKeyedTasks(key);
      keyed.turn = ++this.#turns;
      this.#keys.set(key, keyed);
    }
    return keyed;
  }

  /** Puts a key where its next task belongs, and forgets one that has none and runs none. */
  #rank(keyed: KeyedTasks): void {
    if (this.#keys === undefined) return;
    const next = keyed.waiting.peek();
    if (next === undefined && keyed.running === 0 && keyed.key !== undefined) this.#keys.delete(keyed.key);
    if (next === undefined || (keyed.key !== undefined && keyed.running >= this.#perKey)) {
      if (keyed.place !== undefined) this.#order.remove(keyed.place);
      keyed.place = undefined;
      return;
    }
    keyed.rank = next.priority + Math.max(next.sinceMs, keyed.sinceMs) / this.#agingMs;
    if (keyed.place === undefined) keyed.place = this.#order.push(keyed);
    else this.#order.update(keyed.place);
  }
}

function createKeyedTasks(key: string | undefined): KeyedTasks {
  return { key, waiting: createPriorityQueue(), running: 0, place: undefined, rank: 0, turn: 0, sinceMs: 0 };
}
