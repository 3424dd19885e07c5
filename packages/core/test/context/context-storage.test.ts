import { describe, expect, it } from 'vitest';
import { createContextStorage as createAsyncLocal } from '../../src/context/storage/async-local.ts';
import { createContextStorage as createSynchronous } from '../../src/context/storage/synchronous.ts';

describe.each([
  ['async-local', createAsyncLocal],
  ['synchronous', createSynchronous],
])('%s context storage', (_, createContextStorage) => {
  it('shows the innermost store and nothing outside', () => {
    const storage = createContextStorage<string>();
    const seen = storage.run('outer', () => [storage.getStore(), storage.run('inner', () => storage.getStore()), storage.getStore()]);
    expect([...seen, storage.getStore()]).toEqual(['outer', 'inner', 'outer', undefined]);
  });

  it('brings the store around back when fn throws', () => {
    const storage = createContextStorage<string>();
    storage.run('outer', () => {
      expect(() =>
        storage.run('inner', () => {
          throw new Error('boom');
        }),
      ).toThrow('boom');
      expect(storage.getStore()).toBe('outer');
    });
    expect(storage.getStore()).toBeUndefined();
  });

  it('keeps two storages apart', () => {
    const [a, b] = [createContextStorage<string>(), createContextStorage<string>()];
    a.run('a', () => expect(b.getStore()).toBeUndefined());
  });
});
