import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bindContext, captureContext, createContextKey, runWithContext } from '../../src/context/context.ts';
import { createContextStorage as createSynchronousStorage } from '../../src/context/storage/synchronous.ts';

const SLOT = Symbol.for('tunic.context-storage.1');
const user = createContextKey<string>('user');
const depth = createContextKey('depth', { default: 0 });

describe('context keys', () => {
  it('have no value outside of a context, or their default', () => {
    expect([user.get(), depth.get(), user.name]).toEqual([undefined, 0, 'user']);
  });

  it('are told apart by identity, not by name', () => {
    const other = createContextKey<string>('user');
    runWithContext([[user, 'ada']], () => {
      expect([user.get(), other.get()]).toEqual(['ada', undefined]);
    });
  });

  it('hold null as a value of its own, also over a default', () => {
    const key = createContextKey<string | null>('k', { default: 'default' });
    expect(runWithContext([], () => key.get())).toBe('default');
    expect(runWithContext([[key, null]], () => key.get())).toBeNull();
  });
});

describe('runWithContext', () => {
  it('returns what fn returns and throws what it throws, and then the old context is back', () => {
    expect(runWithContext([[user, 'ada']], () => 7)).toBe(7);
    const boom = new Error('boom');
    expect(() =>
      runWithContext([[user, 'ada']], () => {
        throw boom;
      }),
    ).toThrow(boom);
    expect(user.get()).toBeUndefined();
  });

  it('adds to the context around it and hides what it sets again; the last of two equal keys wins', () => {
    runWithContext(
      [
        [user, 'ada'],
        [depth, 1],
      ],
      () => {
        runWithContext(
          [
            [depth, 2],
            [depth, 3],
          ],
          () => expect([user.get(), depth.get()]).toEqual(['ada', 3]),
        );
        expect([user.get(), depth.get()]).toEqual(['ada', 1]);
      },
    );
  });

  it('is seen in promises, timers, microtasks and what they start, but nowhere else', async () => {
    const seen: (string | undefined)[] = [];
    const note = (): void => void seen.push(user.get());
    const inside = runWithContext([[user, 'ada']], async () => {
      await Promise.resolve();
      note();
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
      note();
      await new Promise<void>((resolve) => setImmediate(() => queueMicrotask(() => process.nextTick(resolve))));
      note();
    });
    expect(user.get()).toBeUndefined();
    await inside;
    expect(seen).toEqual(['ada', 'ada', 'ada']);
    expect(user.get()).toBeUndefined();
  });

  it('does not leak from a request into the next one on the same connection', async () => {
    const connection = new EventEmitter();
    const seen: (string | undefined)[] = [];
    connection.on('request', (name: string | undefined) => {
      const work = async (): Promise<void> => {
        await Promise.resolve();
        seen.push(user.get());
      };
      void (name === undefined ? work() : runWithContext([[user, name]], work));
    });
    for (const name of ['ada', undefined, 'bob', undefined]) connection.emit('request', name);
    await vi.waitFor(() => expect(seen).toEqual(['ada', undefined, 'bob', undefined]));
  });
});

describe('captureContext and bindContext', () => {
  it('bring a context back later, any number of times, and leave the present one alone', () => {
    const snapshot = runWithContext([[user, 'ada']], () => captureContext());
    runWithContext([[user, 'bob']], () => {
      expect([snapshot.run(() => user.get()), snapshot.run(() => user.get()), user.get()]).toEqual(['ada', 'ada', 'bob']);
    });
  });

  it('bring back the empty context too', () => {
    const outside = captureContext();
    runWithContext([[user, 'ada']], () => expect(outside.run(() => user.get())).toBeUndefined());
  });

  it('run listeners in the context in which they were bound', () => {
    const emitter = new EventEmitter();
    const seen: (string | undefined)[] = [];
    const note = (): void => void seen.push(user.get());
    runWithContext([[user, 'ada']], () => {
      emitter.on('x', note);
      emitter.on('x', bindContext(note));
    });
    runWithContext([[user, 'bob']], () => emitter.emit('x'));
    expect(seen).toEqual(['bob', 'ada']);
  });

  it('pass arguments, `this`, results and errors through', () => {
    const bound = bindContext(function (this: { base: number }, a: number, b: number) {
      if (b < 0) throw new RangeError('b');
      return this.base + a + b;
    });
    expect(bound.call({ base: 10 }, 1, 2)).toBe(13);
    expect(() => bound.call({ base: 10 }, 1, -1)).toThrow(RangeError);
  });
});

describe('two copies of the package', () => {
  it('share one storage: a context set through one is seen by the other', async () => {
    vi.resetModules();
    const copy = await import('../../src/context/context.ts');
    expect(copy.runWithContext).not.toBe(runWithContext);
    expect(copy.runWithContext([[user, 'ada']], () => user.get())).toBe('ada');
    expect(runWithContext([[user, 'bob']], () => copy.captureContext()).run(() => user.get())).toBe('bob');
  });
});

describe('without AsyncLocalStorage', () => {
  const original = (globalThis as Record<symbol, unknown>)[SLOT];
  afterEach(() => void Object.defineProperty(globalThis, SLOT, { value: original, configurable: true }));

  it('holds until the first await, and can be carried further by hand', async () => {
    Object.defineProperty(globalThis, SLOT, { value: createSynchronousStorage(), configurable: true });
    vi.resetModules();
    const copy = await import('../../src/context/context.ts');
    const key = copy.createContextKey<string>('k');
    const seen = await copy.runWithContext([[key, 'ada']], async () => {
      const bound = copy.bindContext(() => key.get());
      const before = key.get();
      await Promise.resolve();
      return { before, after: key.get(), bound: bound() };
    });
    expect(seen).toEqual({ before: 'ada', after: undefined, bound: 'ada' });
  });
});
