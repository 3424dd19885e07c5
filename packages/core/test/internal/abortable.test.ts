import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { abortable } from '../../src/internal/abortable.ts';

const reason = { why: 'stop' };
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('abortable', () => {
  it('passes value and error through, and leaves no listener', async () => {
    const { signal } = new AbortController();
    const error = new Error('own');
    expect(await abortable(Promise.resolve(1), signal)).toBe(1);
    await expect(abortable(Promise.reject(error), signal)).rejects.toBe(error);
    expect(listeners(signal)).toBe(0);
  });

  it('gives the promise itself back where there is no signal', () => {
    const promise = Promise.resolve();
    expect(abortable(promise, undefined)).toBe(promise);
  });

  it('rejects with the reason when aborted before or meanwhile; what the promise does then is nobody’s concern', async () => {
    const controller = new AbortController();
    let reject: (error: Error) => void = () => undefined;
    const pending = new Promise<never>((_, no) => (reject = no));
    const waiting = abortable(pending, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(abortable(pending, controller.signal)).rejects.toBe(reason);
    reject(new Error('unheard'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(listeners(controller.signal)).toBe(0);
  });
});
