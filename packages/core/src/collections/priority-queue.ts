import { checkFunction } from '../errors/invalid-option.ts';
import { ComparedHeap } from './compared-heap.ts';
import { RankedHeap } from './ranked-heap.ts';

/** What {@link PriorityQueue.push} returns for update and remove; nothing else may be done with it. */
export type PriorityHandle = object;

/** Values that leave in order, the smallest first; ties leave in order of arrival. */
export interface PriorityQueue<T> {
  /** How many values are in it. */
  readonly size: number;
  /**
   * Adds a value in O(log n). Lower priorities leave first; with `compare` the priority is not looked at.
   *
   * @param priority - any number but NaN, 0 by default
   * @throws `ERR_TUNIC_OPTION` when the priority is NaN or no number
   */
  push(value: T, priority?: number): PriorityHandle;
  /** Takes out the first value; `undefined` when there is none. */
  pop(): T | undefined;
  /** The first value, left where it is; `undefined` when there is none. */
  peek(): T | undefined;
  /**
   * Gives a value its new place in O(log n); among its new equals it keeps its place of arrival. With `compare`, call it
   * without a priority after the value itself was changed. `false`: the value is not in the queue any more.
   *
   * @throws `ERR_TUNIC_OPTION` when the priority is NaN or no number
   */
  update(handle: PriorityHandle, priority?: number): boolean;
  /** Takes a value out from anywhere in O(log n). `false`: it is not in the queue any more. */
  remove(handle: PriorityHandle): boolean;
  /** Takes out everything. */
  clear(): void;
}

/** Options of {@link createPriorityQueue}. */
export interface PriorityQueueOptions<T> {
  /** Orders the values themselves, as in `Array.prototype.sort`. By default the priority given to `push` decides. */
  compare?: (a: T, b: T) => number;
}

/**
 * Creates a stable priority queue: equal values leave in the order in which they came.
 *
 * Source: a 4-ary heap (D. B. Johnson, 1975).
 *
 * @throws `ERR_TUNIC_OPTION` when `compare` is no function
 * @example
 * ```ts
 * import { createPriorityQueue } from '@tunic/core';
 *
 * const queue = createPriorityQueue<string>();
 * queue.push('later', 5);
 * const handle = queue.push('soon', 2);
 * queue.push('now', 1);
 * queue.update(handle, 0);
 * queue.pop(); // 'soon'
 * queue.pop(); // 'now'
 * ```
 */
export function createPriorityQueue<T>(options: PriorityQueueOptions<T> = {}): PriorityQueue<T> {
  const { compare } = options;
  if (compare === undefined) return new RankedHeap<T>();
  checkFunction('compare', compare);
  return new ComparedHeap(compare);
}
