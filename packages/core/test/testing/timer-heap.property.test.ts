import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type HeapTimer, TimerHeap } from '../../src/testing/timer-heap.ts';

it('gives timers out by time and then by order, whichever are removed in between', () => {
  const dues = fc.array(fc.nat(50), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(dues, fc.array(fc.nat(59), { maxLength: 40 }), (plan, removals) => {
      const heap = new TimerHeap<HeapTimer>();
      const timers = plan.map((due, order): HeapTimer => ({ due, order, index: -1 }));
      for (const timer of timers) heap.add(timer);
      const left = new Set(timers);
      for (const which of removals) {
        const timer = timers[which];
        if (timer !== undefined) expect(heap.remove(timer)).toBe(left.delete(timer));
      }
      const out: HeapTimer[] = [];
      for (let first = heap.first; first !== undefined; first = heap.first) {
        out.push(first);
        heap.remove(first);
      }
      expect(out).toEqual([...left].sort((a, b) => a.due - b.due || a.order - b.order));
      expect([heap.size, timers.every(({ index }) => index === -1)]).toEqual([0, true]);
    }),
    { numRuns: 500 },
  );
});
