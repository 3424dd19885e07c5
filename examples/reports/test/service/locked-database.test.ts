import { describe, expect, it } from 'vitest';
import { until } from '../../tools/until.ts';
import { type TestService, useService } from './use-service.ts';

const start = useService();
const CSV = 'city,degrees\nOslo,4\nRome,16\n';
const PATIENCE_MS = 200;

describe('while another process has locked the database', () => {
  it('uploads are answered with 503 and when to come again, nothing is half accepted, and then all goes on', async () => {
    const service = await start({ busyTimeout: `${PATIENCE_MS}ms` });
    const before = await service.accepted(CSV);
    await service.reached(before, 'succeeded');
    await until(async () => (await service.files()).length === 0);
    using lock = await lockDatabase(service);

    const headers = { 'idempotency-key': 'k' };
    const [withKey, without] = await Promise.all([service.post(CSV, { headers }), service.post(CSV)]);
    for (const refused of [withKey, without]) {
      expect(refused).toMatchObject({ status: 503, body: { detail: 'The storage is busy; try again later.' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(await service.files()).toEqual([]);

    lock.release();
    expect((await service.list()).map(({ id }) => id)).toEqual([before]);
    await service.accepted(CSV, { headers });
    await service.expectWell();
    expect(await service.list()).toHaveLength(3);
  });

  it('what only reads is answered at once', async () => {
    const service = await start({ busyTimeout: '1m' });
    const id = await service.accepted(CSV);
    await service.reached(id, 'succeeded');
    using lock = await lockDatabase(service);
    const waiting = service.accepted(CSV);
    const began = performance.now();
    expect((await service.get('/health')).status).toBe(200);
    expect((await service.report(id)).state).toBe('succeeded');
    expect(await service.list()).toHaveLength(1);
    expect((await service.get('/')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(2_000);
    lock.release();
    await service.reached(await waiting, 'succeeded');
    await service.expectWell();
  });

  it('an upload that comes in meanwhile is accepted as soon as the lock is gone', async () => {
    const service = await start();
    using lock = await lockDatabase(service);
    const waiting = service.accepted(CSV);
    await until(async () => (await service.files()).length === 1);
    lock.release();
    await service.reached(await waiting, 'succeeded');
    await service.expectWell();
  });

  it('a report that ends meanwhile is stored afterwards', async () => {
    const service = await start({ busyTimeout: `${PATIENCE_MS}ms` });
    const id = await service.accepted('n\n' + '1234567\n'.repeat(1_000_000));
    await service.reached(id, 'running');
    using lock = await lockDatabase(service);
    expect((await service.post(CSV)).status).toBe(503);
    expect((await service.report(id)).state).toBe('running');
    lock.release();
    expect((await service.reached(id, 'succeeded')).result?.rows).toBe(1_000_000);
    await service.expectWell();
  });

  it('a cancellation is refused with 503, and can be asked for again', async () => {
    const service = await start({ busyTimeout: `${PATIENCE_MS}ms`, concurrency: 1 });
    const id = await service.accepted('n\n' + '1234567\n'.repeat(4_000_000));
    using lock = await lockDatabase(service);
    const refused = await service.call('DELETE', `/reports/${id}`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    lock.release();
    expect((await service.call('DELETE', `/reports/${id}`)).status).toBe(200);
    await service.expectWell();
  });
});

/** Takes the write lock from another connection, as a process that takes long over a transaction does. */
async function lockDatabase(service: TestService): Promise<{ release(): void } & Disposable> {
  const other = await service.connect();
  await until(() => {
    try {
      other.exec('BEGIN IMMEDIATE');
      return true;
    } catch {
      return false;
    }
  }, { what: 'the lock' });
  return { release: () => void other.exec('ROLLBACK'), [Symbol.dispose]: () => other[Symbol.dispose]() };
}
