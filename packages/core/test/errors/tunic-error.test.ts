import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { TunicError, describeError, isTunicError } from '../../src/errors/tunic-error.ts';

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const hostile = (): object =>
  new Proxy(
    {},
    {
      get() {
        throw new Error('get');
      },
      has() {
        throw new Error('has');
      },
      getPrototypeOf() {
        throw new Error('getPrototypeOf');
      },
      ownKeys() {
        throw new Error('ownKeys');
      },
    },
  );

describe('TunicError', () => {
  it('is an Error with its name, code, message and cause', () => {
    const cause = new RangeError('deep');
    const error = new TunicError('ERR_TUNIC_STORE', 'no reply', { cause, retryable: true, retryAfterMs: 50 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'TunicError', code: 'ERR_TUNIC_STORE', message: 'no reply', retryable: true, retryAfterMs: 50 });
    expect(error.cause).toBe(cause);
    expect(String(error)).toBe('TunicError: no reply');
  });

  it('is not retryable and has no cause unless told', () => {
    const error = new TunicError('ERR_TUNIC_CLOSED', 'closed');
    expect([error.retryable, error.retryAfterMs, 'cause' in error]).toEqual([false, undefined, false]);
  });

  it('keeps a cause of undefined apart from none', () => {
    expect('cause' in new TunicError('ERR_TUNIC_CLOSED', 'closed', { cause: undefined })).toBe(true);
  });

  it('turns into JSON without any stack, its cause included', () => {
    const error = new TunicError('ERR_TUNIC_STORE', 'no reply', { cause: new RangeError('deep'), retryable: true, retryAfterMs: 5 });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'TunicError',
      code: 'ERR_TUNIC_STORE',
      message: 'no reply',
      retryable: true,
      retryAfterMs: 5,
      cause: { name: 'RangeError', message: 'deep' },
    });
    expect(new TunicError('ERR_TUNIC_CLOSED', 'closed').toJSON()).toEqual({
      name: 'TunicError',
      code: 'ERR_TUNIC_CLOSED',
      message: 'closed',
      retryable: false,
    });
  });

  it('turns into JSON whatever its cause is', () => {
    for (const cause of [hostile(), revokedProxy(), Symbol('s'), 5n, () => 1, null, Object.create(null)]) {
      expect(() => JSON.stringify(new TunicError('ERR_TUNIC_STORE', 'x', { cause }))).not.toThrow();
    }
  });
});

describe('isTunicError', () => {
  it('tells by brand and code', () => {
    const error = new TunicError('ERR_TUNIC_TIMEOUT', 'late');
    expect(isTunicError(error)).toBe(true);
    expect(isTunicError(error, 'ERR_TUNIC_TIMEOUT')).toBe(true);
    expect(isTunicError(error, 'ERR_TUNIC_CLOSED')).toBe(false);
  });

  it('recognises the errors of another copy of the package', async () => {
    vi.resetModules();
    const other = await import('../../src/errors/tunic-error.ts');
    const error = new other.TunicError('ERR_TUNIC_CLOSED', 'closed');
    expect(error).not.toBeInstanceOf(TunicError);
    expect(isTunicError(error, 'ERR_TUNIC_CLOSED')).toBe(true);
    expect(other.isTunicError(new TunicError('ERR_TUNIC_TIMEOUT', 'late'), 'ERR_TUNIC_TIMEOUT')).toBe(true);
  });

  it('takes nothing else for one, and never throws', () => {
    const others = [undefined, null, 0, 'ERR_TUNIC_TIMEOUT', new Error('x'), { code: 'ERR_TUNIC_TIMEOUT' }, hostile(), revokedProxy()];
    expect(others.map((value) => isTunicError(value))).toEqual(others.map(() => false));
  });
});

describe('describeError', () => {
  it('keeps name, message, code and stack of an error', () => {
    const error = Object.assign(new TypeError('no'), { code: 'EBAD' });
    expect(describeError(error)).toEqual({ name: 'TypeError', message: 'no', code: 'EBAD', stack: error.stack });
  });

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [5n, '5'],
    [Symbol('s'), 'Symbol(s)'],
    [{ status: 500 }, '{"status":500}'],
  ])('describes what is no error: %#', (thrown, message) => {
    expect(describeError(thrown)).toEqual({ name: 'NonError', message });
  });

  it('describes what throws on every touch', () => {
    for (const thrown of [revokedProxy(), hostile()]) {
      expect(describeError(thrown)).toEqual({ name: 'NonError', message: 'a value that cannot be shown' });
    }
  });

  it('shows fields of any type as text', () => {
    const odd = { name: Symbol('n'), message: () => 1, code: 10n, stack: { line: 1 } };
    expect(describeError(odd)).toEqual({ name: 'Symbol(n)', message: '() => 1', code: '10', stack: '{"line":1}' });
  });

  it('keeps the other fields when one getter throws', () => {
    const error = Object.defineProperty(new Error('kept'), 'stack', {
      get() {
        throw new Error('no stack for you');
      },
    });
    expect(describeError(error)).toEqual({ name: 'Error', message: 'kept' });
  });

  it('gives text for anything at all, and never throws', () => {
    const field = fc.oneof(fc.anything(), fc.constantFrom(Symbol('s'), () => 1, 5n, { toJSON: () => undefined }));
    fc.assert(
      fc.property(fc.oneof(fc.anything({ withNullPrototype: true, withBigInt: true }), fc.record({ name: field, message: field, code: field })), (thrown) => {
        for (const value of Object.values(describeError(thrown))) expect(value).toBeTypeOf('string');
      }),
    );
  });
});
