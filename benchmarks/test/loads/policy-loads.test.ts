import { describe, expect, it } from 'vitest';
import { type BindRetry, retryLoad } from '../../src/loads/retry-load.ts';
import { type BindTimeout, timeoutLoad } from '../../src/loads/timeout-load.ts';

async function attemptRetry(bind: BindRetry): Promise<void> {
  const load = retryLoad(bind);
  await load.run(10);
  await load.check();
}

describe('retryLoad', () => {
  it('passes for one more call after a failure', async () => {
    await expect(attemptRetry((operation) => () => operation().catch(operation))).resolves.toBeUndefined();
  });

  it('notices a retry that does not retry', async () => {
    await expect(attemptRetry((operation) => operation)).rejects.toThrow('called again');
  });

  it('notices an operation that was not called, or called twice', async () => {
    await expect(attemptRetry(() => () => Promise.resolve(1))).rejects.toThrow('0 calls');
    await expect(attemptRetry((operation) => () => operation().then(operation))).rejects.toThrow('20 calls');
  });

  it('notices a value that does not come back', async () => {
    await expect(attemptRetry((operation) => () => operation().then(() => 1))).rejects.toThrow('came back');
  });
});

async function attemptTimeout(bind: BindTimeout, patienceMs = 2_000): Promise<void> {
  const load = timeoutLoad(bind, { patienceMs });
  await load.run(10);
  await load.check();
}

const race: BindTimeout = (operation, limitMs) => () =>
  Promise.race([operation(), new Promise<never>((_, reject) => void setTimeout(reject, limitMs, new Error('late')).unref())]);

describe('timeoutLoad', () => {
  it('passes for a limit that ends what hangs', async () => {
    await expect(attemptTimeout(race)).resolves.toBeUndefined();
  });

  it('notices a limit that limits nothing, or that answers for the operation', async () => {
    await expect(attemptTimeout((operation) => operation, 20)).rejects.toThrow('is given up');
    await expect(attemptTimeout(() => () => Promise.resolve(1))).rejects.toThrow('0 calls');
    await expect(attemptTimeout((operation) => () => operation().then(() => 1))).rejects.toThrow('came back');
  });
});
