import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onAbort } from '../../src/internal/abort-hub.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('onAbort', () => {
  it('calls everybody once, in order of registration', () => {
    const controller = new AbortController();
    const called: number[] = [];
    for (let i = 0; i < 5; i++) onAbort(controller.signal, () => called.push(i));
    controller.abort();
    expect(called).toEqual([0, 1, 2, 3, 4]);
    expect(listeners(controller.signal)).toBe(0);
  });

  it('keeps one listener on the signal however many wait, and none when all are gone', () => {
    const { signal } = new AbortController();
    const unlinks = Array.from({ length: 10_000 }, () => onAbort(signal, () => undefined));
    expect(listeners(signal)).toBe(1);
    for (const unlink of unlinks) unlink();
    expect(listeners(signal)).toBe(0);
  });

  it('listens again after it was empty', () => {
    const controller = new AbortController();
    let called = 0;
    onAbort(controller.signal, () => called++)();
    onAbort(controller.signal, () => called++);
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    expect(called).toBe(1);
  });

  it('does nothing when taken back twice or after the abort', () => {
    const controller = new AbortController();
    let called = 0;
    const first = onAbort(controller.signal, () => called++);
    const second = onAbort(controller.signal, () => called++);
    first();
    first();
    controller.abort();
    second();
    expect(called).toBe(1);
  });

  it('lets a callback take back any other, those before it too', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const a = onAbort(controller.signal, () => void called.push('a'));
    onAbort(controller.signal, () => {
      called.push('b');
      a();
      c();
      d();
    });
    const c = onAbort(controller.signal, () => void called.push('c'));
    const d = onAbort(controller.signal, () => void called.push('d'));
    onAbort(controller.signal, () => void called.push('e'));
    controller.abort();
    expect(called).toEqual(['a', 'b', 'e']);
  });

  it('keeps the waiters of two signals apart', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const called: string[] = [];
    onAbort(one.signal, () => void called.push('one'));
    onAbort(two.signal, () => void called.push('two'));
    two.abort();
    expect(called).toEqual(['two']);
  });

  it('takes registrations back in constant time', () => {
    const { signal } = new AbortController();
    const time = (count: number): number => {
      const unlinks = Array.from({ length: count }, () => onAbort(signal, () => undefined));
      const start = performance.now();
      // From the middle outwards, where a list that is searched would be slow.
      for (let i = 0; i < count; i++) unlinks[(i + count / 2) % count]?.();
      return performance.now() - start;
    };
    time(1_000);
    // 100,000 searched removals would take 2.5·10⁹ steps, seconds at best.
    expect(time(100_000)).toBeLessThan(1_000);
  });

  it('behaves like a list: whoever is on it when the signal aborts is called, in order', () => {
    const plan = fc.array(fc.oneof(fc.record({ do: fc.constant('add' as const) }), fc.record({ do: fc.constant('remove' as const), which: fc.nat(8) })), {
      minLength: 5,
      maxLength: 40,
    });
    fc.assert(
      fc.property(plan, (steps) => {
        const controller = new AbortController();
        const unlinks: (() => void)[] = [];
        let model: number[] = [];
        const called: number[] = [];
        for (const step of steps) {
          if (step.do === 'add') {
            const id = unlinks.length;
            unlinks.push(onAbort(controller.signal, () => called.push(id)));
            model.push(id);
          } else {
            unlinks[step.which]?.();
            model = model.filter((id) => id !== step.which);
          }
          expect(listeners(controller.signal)).toBe(model.length === 0 ? 0 : 1);
        }
        controller.abort();
        expect(called).toEqual(model);
      }),
    );
  });
});
