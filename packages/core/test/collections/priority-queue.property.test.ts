import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPriorityQueue, type PriorityHandle } from '../../src/collections/priority-queue.ts';

interface Item {
  id: number;
  rank: number;
}
type Command =
  | { kind: 'push' | 'update'; at: number; rank: number }
  | { kind: 'remove'; at: number }
  | { kind: 'pop' | 'clear' };

const rank = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ noNaN: true }));
const at = fc.nat({ max: 200 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('push' as const), at, rank }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('update' as const), at, rank }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pop' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
);

/** An array kept sorted; Array.prototype.sort is stable. */
function checkAgainstModel(commands: readonly Command[], compared: boolean): void {
  const queue = createPriorityQueue<Item>(compared ? { compare: (a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0) } : {});
  const known: { item: Item; handle: PriorityHandle }[] = [];
  let model: Item[] = [];
  const first = (): Item | undefined =>
    model.toSorted((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id - b.id))[0];
  const take = (item: Item | undefined): void => void (model = model.filter((other) => other !== item));
  for (const step of commands) {
    const target = 'at' in step ? known[step.at % Math.max(1, known.length)] : undefined;
    if (step.kind === 'push') {
      const item = { id: known.length, rank: step.rank };
      known.push({ item, handle: queue.push(item, step.rank) });
      model.push(item);
    } else if (step.kind === 'update' && target !== undefined) {
      const isIn = model.includes(target.item);
      if (isIn) target.item.rank = step.rank;
      expect(queue.update(target.handle, step.rank)).toBe(isIn);
    } else if (step.kind === 'remove' && target !== undefined) {
      expect(queue.remove(target.handle)).toBe(model.includes(target.item));
      take(target.item);
    } else if (step.kind === 'pop') {
      const expected = first();
      expect(queue.pop()).toBe(expected);
      take(expected);
    } else if (step.kind === 'clear') {
      queue.clear();
      model = [];
    }
    expect(queue.size).toBe(model.length);
    expect(queue.peek()).toBe(first());
  }
}

describe.each([
  { name: 'by priority', compared: false },
  { name: 'by comparison', compared: true },
])('priority queue $name', ({ compared }) => {
  it('behaves as a sorted list under any commands, ties in order of arrival', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 120 }), (commands) => checkAgainstModel(commands, compared)),
      { numRuns: 400 },
    );
  });

  it('sorts many values stably', () => {
    const queue = createPriorityQueue<Item>(compared ? { compare: (a, b) => a.rank - b.rank } : {});
    const items = Array.from({ length: 20_000 }, (_, id) => ({ id, rank: (id * 7919) % 100 }));
    for (const item of items) queue.push(item, item.rank);
    const sorted = items.toSorted((a, b) => a.rank - b.rank);
    for (const item of sorted) expect(queue.pop()).toBe(item);
    expect(queue.pop()).toBeUndefined();
  });

  it('does not take the handle of another queue or of an item that has left', () => {
    const queue = createPriorityQueue<number>(compared ? { compare: (a, b) => a - b } : {});
    const other = createPriorityQueue<number>(compared ? { compare: (a, b) => a - b } : {});
    const foreign = other.push(1);
    const stale = queue.push(1);
    queue.pop();
    queue.push(2);
    expect([queue.remove(foreign), queue.update(foreign, 1), queue.remove(stale), queue.update(stale, 1)]).toEqual([false, false, false, false]);
    expect(queue.pop()).toBe(2);
  });
});

it('refuses NaN as a priority and anything but a function as compare', () => {
  const queue = createPriorityQueue<number>();
  const handle = queue.push(1, Infinity);
  queue.push(2, -Infinity);
  const refused: unknown = expect.objectContaining({ code: 'ERR_TUNIC_OPTION' });
  expect(() => queue.push(3, NaN)).toThrow(refused);
  expect(() => queue.update(handle, NaN)).toThrow(refused);
  expect(() => createPriorityQueue({ compare: 1 as never })).toThrow(refused);
  expect([queue.pop(), queue.pop()]).toEqual([2, 1]);
});
