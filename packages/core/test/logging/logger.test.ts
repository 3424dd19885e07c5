import { describe, expect, it, vi } from 'vitest';
import { type LogMethod, type Logger, callHook, silentLogger } from '../../src/logging/logger.ts';

function spyLogger() {
  return { ...silentLogger, error: vi.fn<LogMethod>() } satisfies Logger;
}

describe('callHook', () => {
  it('calls the hook at once and reports nothing when it does well', async () => {
    const logger = spyLogger();
    const hook = vi.fn(() => Promise.resolve(1));
    callHook(logger, 'onRetry', hook);
    expect(hook).toHaveBeenCalledTimes(1);
    await Promise.resolve();
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('reports what the hook throws, with its name', () => {
    const logger = spyLogger();
    const err = new Error('boom');
    callHook(logger, 'onRetry', () => {
      throw err;
    });
    expect(logger.error).toHaveBeenCalledExactlyOnceWith({ err, hook: 'onRetry' }, 'hook onRetry failed');
  });

  it('reports what its promise or thenable rejects with', async () => {
    const logger = spyLogger();
    const err = new Error('later');
    callHook(logger, 'a', () => Promise.reject(err));
    callHook(logger, 'b', () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject(err) }));
    await vi.waitFor(() => expect(logger.error).toHaveBeenCalledTimes(2));
    expect(logger.error.mock.calls.map(([fields]) => fields)).toEqual(
      expect.arrayContaining([
        { err, hook: 'a' },
        { err, hook: 'b' },
      ]),
    );
  });

  it('survives a logger that throws', () => {
    const logger = spyLogger();
    logger.error.mockImplementation(() => {
      throw new Error('disk full');
    });
    expect(() =>
      callHook(logger, 'x', () => {
        throw new Error('boom');
      }),
    ).not.toThrow();
  });
});

describe('silentLogger', () => {
  it('is its own child', () => {
    expect(silentLogger.child({ a: 1 })).toBe(silentLogger);
    expect(silentLogger.child({}).error).toBe(silentLogger.error);
  });
});
