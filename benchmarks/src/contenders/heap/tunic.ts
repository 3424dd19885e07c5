import { createPriorityQueue } from '@tunic/core';
import type { Contender } from '../../harness/contender.ts';
import { heapLoad, type HeapParameters, type Item } from '../../loads/heap-load.ts';

export function setup(parameters: HeapParameters): Contender {
  const open = () => {
    const queue = createPriorityQueue<Item>();
    return { push: (item: Item): void => void queue.push(item, item.priority), pop: (): Item | undefined => queue.pop() };
  };
  return heapLoad(parameters, open, { stable: true });
}
