import { describe, expect, it, vi } from 'vitest';
import { compose } from '../../src/compose/compose.ts';
import { fallback, fallbackLayer } from '../../src/resilience/fallback.ts';

const boom = new Error('boom');
const fail = (): never => {
  throw boom;
};

describe('fallback', () => {
  it('returns what the operation returns, falsy values too, and never calls the substitute', async () => {
    const substitute = vi.fn(() => 'other');
    for (const value of [0, '', undefined, null, 'ok']) expect(await fallback<unknown>(() => Promise.resolve(value), substitute)).toBe(value);
    expect(substitute).not.toHaveBeenCalled();
  });

  it('replaces an error by a value, or by what a function makes of it, promised or not', async () => {
    expect(await fallback<unknown>(fail, undefined)).toBeUndefined();
    expect(await fallback(() => Promise.reject(boom), 'other')).toBe('other');
    expect(await fallback(fail, ({ error }) => [error])).toEqual([boom]);
    expect(await fallback(fail, () => Promise.resolve('later'))).toBe('later');
  });

  it('replaces only what `if` says, values included', async () => {
    const options = { if: ({ value, error }: { value?: unknown; error?: unknown }) => value === 503 || error === boom };
    expect(await fallback(() => 503, 200, options)).toBe(200);
    expect(await fallback(() => 404, 200, options)).toBe(404);
    expect(await fallback(fail, 200, options)).toBe(200);
    await expect(fallback(() => Promise.reject(new TypeError('other')), 200, options)).rejects.toThrow('other');
  });

  it('lets errors of the substitute and of `if` through', async () => {
    const worse = new Error('worse');
    const throwing = (): never => {
      throw worse;
    };
    await expect(fallback(fail, throwing)).rejects.toBe(worse);
    await expect(fallback(fail, 1, { if: throwing })).rejects.toBe(worse);
    await expect(fallback(() => 1, 1, { if: throwing })).rejects.toBe(worse);
  });

  it('never stands in for an abort of the caller', async () => {
    const operation = vi.fn();
    await expect(fallback(operation, 'other', { signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(operation).not.toHaveBeenCalled();
    const controller = new AbortController();
    const during = fallback(({ signal }) => Promise.reject((controller.abort('during'), signal.reason)), 'other', { signal: controller.signal });
    await expect(during).rejects.toBe('during');
  });

  it('refuses a bad `if` by name', async () => {
    await expect(fallback(fail, 1, { if: true as never })).rejects.toThrow(/^if: /);
    expect(() => fallbackLayer(1, { if: true as never })).toThrow(/^if: /);
  });

  it('is a layer, with a signal from the context', async () => {
    const call = compose<{ signal?: AbortSignal }, string>([fallbackLayer('other', { signal: (context) => context.signal })]);
    expect(await call({}, () => 'inside')).toBe('inside');
    expect(await call({}, fail)).toBe('other');
    await expect(call({ signal: AbortSignal.abort('off') }, fail)).rejects.toBe(boom);
  });
});
