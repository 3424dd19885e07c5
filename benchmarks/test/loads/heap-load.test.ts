import { describe, expect, it } from 'vitest';
import { type HeapAdapter, heapLoad, type Item } from '../../src/loads/heap-load.ts';

function sorted(compare: (a: Item, b: Item) => number): () => HeapAdapter {
  return () => {
    let items: Item[] = [];
    return {
      push: (item) => void items.push(item),
      pop: () => {
        items = items.toSorted(compare);
        return items.shift();
      },
    };
  };
}

const byPriority = sorted((a, b) => a.priority - b.priority);
const latestFirst = sorted((a, b) => a.priority - b.priority || b.id - a.id);

function attempt(open: () => HeapAdapter, options?: { stable?: boolean }): void {
  const load = heapLoad({ size: 20 }, open, options);
  void load.run(50);
  void load.check();
}

describe('heapLoad', () => {
  it('passes when every item leaves once and in order', () => {
    attempt(byPriority, { stable: true });
    attempt(latestFirst);
  });

  it('notices ties in disorder where the queue is stable', () => {
    expect(() => attempt(latestFirst, { stable: true })).toThrow('ties');
  });

  it('notices disorder, and items that are lost or come twice', () => {
    const fifo = sorted(() => 0);
    expect(() => attempt(fifo)).toThrow('out of order');
    const lossy = (): HeapAdapter => ({ ...byPriority(), pop: () => undefined });
    expect(() => attempt(lossy)).toThrow('0 of 50 items');
    const stutter = (): HeapAdapter => {
      const first: Item = { id: 0, priority: 0 };
      let size = 0;
      return { push: () => void size++, pop: () => (size-- > 0 ? first : undefined) };
    };
    expect(() => attempt(stutter)).toThrow('each item left once');
  });
});
