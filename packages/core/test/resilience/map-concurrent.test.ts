import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { mapConcurrent } from '../../src/resilience/map-concurrent.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

/** Counts without end and notes what was pulled and whether it was closed. */
class Counter {
  pulled = 0;
  closed = 0;

  *sync(): Generator<number> {
    try {
      for (;;) yield this.pulled++;
    } finally {
      this.closed++;
    }
  }

  async *async(): AsyncGenerator<number> {
    try {
      for (;;) {
        await Promise.resolve();
        yield this.pulled++;
      }
    } finally {
      this.closed++;
    }
  }
}

describe('mapConcurrent', () => {
  it('returns results in the order of the items, whatever order they end in', async () => {
    const gates = [deferred<string>(), deferred<string>(), deferred<string>()];
    const all = mapConcurrent(gates, ({ promise }, index) => promise.then((text) => `${text}${index}`), { concurrency: 3 });
    for (const [index, gate] of [...gates.entries()].reverse()) {
      gate.resolve('abc'.charAt(index));
      await turn();
    }
    await expect(all).resolves.toEqual(['a0', 'b1', 'c2']);
    await expect(mapConcurrent([], () => 1, { concurrency: 1 })).resolves.toEqual([]);
    await expect(mapConcurrent([Promise.resolve(1), 2], (n) => n + 1, { concurrency: Infinity })).resolves.toEqual([2, 3]);
  });

  it.each(['sync', 'async'] as const)('pulls an endless %s source only as fast as it works, and closes it on failure', async (kind) => {
    const counter = new Counter();
    const gates = Array.from({ length: 4 }, () => deferred<null>());
    const all = mapConcurrent(counter[kind](), (_item, index) => gates[index]?.promise, { concurrency: 2 });
    await turn();
    expect(counter.pulled).toBe(2);
    gates[1]?.resolve(null);
    await turn();
    expect(counter.pulled).toBe(3);
    gates[0]?.reject(new Error('mine'));
    gates[2]?.resolve(null);
    await expect(all).rejects.toThrow('mine');
    expect([counter.pulled, counter.closed]).toEqual([3, 1]);
  });

  it('starts nothing after the first failure, aborts the others, and rejects when they have settled: nothing is left running', async () => {
    const started: number[] = [];
    let running = 0;
    const error = new Error('first');
    const all = mapConcurrent(
      [0, 1, 2, 3, 4],
      async (item, _index, { signal }) => {
        started.push(item);
        running++;
        if (item === 1) {
          running--;
          throw error;
        }
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        expect(signal.reason).toBe(error);
        await turn();
        running--;
        throw new Error('second');
      },
      { concurrency: 3 },
    );
    await expect(all).rejects.toBe(error);
    expect([started, running]).toEqual([[0, 1, 2], 0]);
  });

  it('gives every outcome in order with settle, rejected items and functions that throw at once among them', async () => {
    const items = [1, Promise.reject(new Error('item')), 3];
    const outcomes = await mapConcurrent(
      items,
      (n) => {
        if (n === 3) throw new Error('fn');
        return n * 2;
      },
      { concurrency: 2, settle: true },
    );
    expect(outcomes).toEqual([{ value: 2 }, { error: new Error('item') }, { error: new Error('fn') }]);
  });

  it('rejects at once when the caller aborts, with its reason, in every state', async () => {
    await expect(mapConcurrent([1], (n) => n, { concurrency: 1, signal: AbortSignal.abort('before') })).rejects.toBe('before');
    const controller = new AbortController();
    const counter = new Counter();
    let seen: unknown;
    const hangs = mapConcurrent(
      counter.async(),
      (_item, _index, { signal }) => {
        signal.addEventListener('abort', () => void (seen = signal.reason));
        return new Promise<never>(() => undefined);
      },
      { concurrency: 2, signal: controller.signal, settle: true },
    );
    await turn();
    controller.abort('enough');
    await expect(hangs).rejects.toBe('enough');
    await turn();
    expect([seen, counter.closed, getEventListeners(controller.signal, 'abort').length]).toEqual(['enough', 1, 0]);
  });

  it('does not wait for an item that never comes, neither on failure nor on abort', async () => {
    let returned = 0;
    const source = (first: IteratorResult<number>): AsyncIterable<number> => ({
      [Symbol.asyncIterator]: () => {
        let isFirst = true;
        return {
          next: () => (isFirst ? ((isFirst = false), Promise.resolve(first)) : new Promise(() => undefined)),
          return: () => (returned++, new Promise(() => undefined)),
        };
      },
    });
    const fails = mapConcurrent(source({ value: 1 }), () => turn().then(() => Promise.reject(new Error('mine'))), { concurrency: 2 });
    await expect(fails).rejects.toThrow('mine');
    const controller = new AbortController();
    const aborted = mapConcurrent(source({ value: 1 }), () => 1, { concurrency: 2, signal: controller.signal });
    await turn();
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    expect(returned).toBe(2);
  });

  it('rejects with the failure of the source itself, also with settle, after the running ones have settled', async () => {
    let ended = 0;
    function* broken(): Generator<number> {
      yield 1;
      throw new Error('source');
    }
    const all = mapConcurrent(broken(), () => turn().then(() => ended++), { concurrency: 5, settle: true });
    await expect(all).rejects.toThrow('source');
    expect(ended).toBe(1);
    const notIterable = mapConcurrent(3 as unknown as number[], () => 1, { concurrency: 1 });
    await expect(notIterable).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
    await expect(mapConcurrent([1], () => 1, { concurrency: 0 })).rejects.toMatchObject({ code: 'ERR_TUNIC_OPTION' });
    await expect(mapConcurrent([1], () => 1, {} as { concurrency: number })).rejects.toThrow('concurrency');
  });

  it('keeps the first failure when the caller aborts while the others wind down, and when closing the source fails', async () => {
    const controller = new AbortController();
    const source: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ value: 1 }),
        return: (): IteratorResult<number> => {
          throw new Error('close');
        },
      }),
    };
    const all = mapConcurrent(source, (_n, index) => (index === 0 ? Promise.reject(new Error('first')) : new Promise<never>(() => undefined)), {
      concurrency: 2,
      signal: controller.signal,
    });
    await turn();
    controller.abort('later');
    await expect(all).rejects.toThrow('first');
  });

  it('runs fn in its caller’s own async context, for both kinds of source', async () => {
    const storage = new AsyncLocalStorage<number>();
    async function* three(): AsyncGenerator<number> {
      for (const n of [1, 2, 3]) {
        await turn();
        yield n;
      }
    }
    const maps = Array.from({ length: 40 }, (_, id) =>
      storage.run(id, () =>
        mapConcurrent(
          id % 2 === 0 ? [1, 2, 3] : three(),
          async () => {
            await turn();
            return storage.getStore();
          },
          { concurrency: 2 },
        ),
      ),
    );
    expect(await Promise.all(maps)).toEqual(Array.from({ length: 40 }, (_, id) => [id, id, id]));
  });

  it('goes through a million items that fail at once without growing the stack', async () => {
    const outcomes = await mapConcurrent(
      Array.from({ length: 1e6 }, (_, index) => index),
      (item) => {
        if (item >= 0) throw null;
        return item;
      },
      { concurrency: 3, settle: true },
    );
    expect([outcomes.length, outcomes.every((outcome) => outcome.error === null)]).toEqual([1e6, true]);
  });
});
