import { type Contender, prove } from '../harness/contender.ts';

/** What stands in the queue. */
export interface Item {
  readonly id: number;
  readonly priority: number;
}

/** A priority queue, smallest first. */
export interface HeapAdapter {
  push(item: Item): void;
  pop(): Item | undefined;
}

/** Parameters of {@link heapLoad}. */
export interface HeapParameters {
  readonly size: number;
}

/** Fills a queue with items of random priority and empties it. */
export function heapLoad(
  { size }: HeapParameters,
  open: () => HeapAdapter,
  { stable = false }: { stable?: boolean } = {},
): Contender {
  const items = randomItems(size);
  let asked = 0;
  let left = 0;
  let disorder = 0;
  let sum = 0;
  const emptyAll = (queue: HeapAdapter): void => {
    let last = -1;
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      if (item.priority < last) disorder++;
      last = item.priority;
      sum += item.id;
      left++;
    }
  };
  return {
    run: (ops) => {
      asked = ops;
      left = disorder = sum = 0;
      for (let rest = ops; rest > 0; rest -= size) {
        const queue = open();
        const count = Math.min(size, rest);
        for (let index = 0; index < count; index++) queue.push(items[index] as Item);
        emptyAll(queue);
      }
    },
    check: () => {
      prove(asked > 0 && left === asked, `${left} of ${asked} items left the queue`);
      prove(disorder === 0, `${disorder} items left out of order`);
      prove(sum === sumOfIds(asked, size), 'each item left once');
      if (stable) prove(keepsTies(open()), 'ties leave in the order in which they came');
    },
  };
}

function randomItems(size: number): Item[] {
  // The same items for everyone: a linear congruential generator (Numerical Recipes).
  let state = 1;
  return Array.from({ length: size }, (_, id) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { id, priority: state >>> 2 };
  });
}

function sumOfIds(ops: number, size: number): number {
  const upTo = (count: number): number => (count * (count - 1)) / 2;
  return Math.floor(ops / size) * upTo(size) + upTo(ops % size);
}

function keepsTies(queue: HeapAdapter): boolean {
  for (let id = 0; id < 100; id++) queue.push({ id, priority: id % 3 });
  let last: Item | undefined;
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
    if (last !== undefined && last.priority === item.priority && item.id < last.id) return false;
    last = item;
  }
  return true;
}
