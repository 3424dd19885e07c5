import TinyQueue from 'tinyqueue';
import type { Contender } from '../../harness/contender.ts';
import { heapLoad, type HeapParameters, type Item } from '../../loads/heap-load.ts';

export function setup(parameters: HeapParameters): Contender {
  return heapLoad(parameters, () => new TinyQueue<Item>([], (a, b) => a.priority - b.priority));
}
