import FlatQueue from 'flatqueue';
import type { Contender } from '../../harness/contender.ts';
import { heapLoad, type HeapParameters, type Item } from '../../loads/heap-load.ts';

export function setup(parameters: HeapParameters): Contender {
  return heapLoad(parameters, () => {
    const queue = new FlatQueue<Item>();
    return { push: (item) => queue.push(item, item.priority), pop: () => queue.pop() };
  });
}
