import { readFile } from 'node:fs/promises';
import { expect, describe, it } from 'vitest';
import type { Report } from '../../src/reports/report.ts';
import { until } from '../../tools/until.ts';
import { dataSet, useService } from './use-service.ts';

const start = useService();
const KEY = { 'idempotency-key': 'order-17' };
const ENDLESS = 'n\n' + '1234567\n'.repeat(4_000_000);

describe('a report', () => {
  it('of a real data set is accepted, made and kept', async () => {
    const service = await start();
    const reply = await service.post(await readFile(dataSet('seattle-weather.csv')));
    expect(reply.status).toBe(202);
    const { id, url } = reply.body as { id: string; url: string };
    expect(url).toBe(`/reports/${id}`);
    expect(reply.headers.get('location')).toBe(url);
    const report = await service.reached(id, 'succeeded');
    expect(Object.keys(report)).toEqual(['id', 'state', 'progress', 'result', 'error', 'createdAt', 'startedAt', 'finishedAt']);
    expect(report.result?.rows).toBe(1461);
    expect(report.result?.columns.find(({ name }) => name === 'temp_max')?.mean).toBeCloseTo(16.43908281998631, 10);
    expect(report.error).toBeNull();
    expect(report.progress).toMatchObject({ rows: 1461, bytes: report.result?.bytes });
    expect([report.createdAt, report.startedAt, report.finishedAt].map(String)).toEqual([report.createdAt, report.startedAt, report.finishedAt].map(String).sort());
    await service.expectWell();
    expect(await service.report(id)).toEqual(report);
  });

  it('is there after a restart', async () => {
    const service = await start();
    const id = await service.accepted('a\n1\n');
    const report = await service.reached(id, 'succeeded');
    await service.restart();
    expect(await service.report(id)).toEqual(report);
  });

  it('shows its progress while it is made', async () => {
    const service = await start();
    const id = await service.accepted(ENDLESS);
    const progress = await until(async () => (await service.report(id)).progress ?? undefined);
    expect(progress.totalBytes).toBe(ENDLESS.length);
    expect(progress.bytes).toBeGreaterThan(0);
    await service.call('DELETE', `/reports/${id}`);
  });
});

describe('an idempotency key', () => {
  it('makes one report of a request that is repeated', async () => {
    const service = await start();
    const id = await service.accepted('a\n1\n', { headers: KEY });
    const again = await service.post('a\n1\n', { headers: KEY });
    expect(again).toMatchObject({ status: 202, body: { id, url: `/reports/${id}` } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await service.reached(id, 'succeeded');
    expect(await service.accepted('a\n1\n', { headers: KEY })).toBe(id);
    expect(await service.list()).toHaveLength(1);
    await service.expectWell();
  });

  it('makes one report of requests at the same time', async () => {
    const service = await start();
    const ids = await Promise.all(Array.from({ length: 8 }, () => service.accepted('a\n1\n', { headers: KEY })));
    expect(new Set(ids).size).toBe(1);
    expect(await service.list()).toHaveLength(1);
    await service.expectWell();
  });

  it('is refused for another file or another webhook', async () => {
    const service = await start();
    const id = await service.accepted('a\n1\n', { headers: KEY });
    for (const again of [service.post('a\n2\n', { headers: KEY }), service.post('a\n1\n', { headers: KEY, query: '?webhook=http://127.0.0.1:1/' })])
      expect(await again).toMatchObject({ status: 422, body: { detail: 'This idempotency key was used for another request.' } });
    expect((await service.list()).map((report) => report.id)).toEqual([id]);
    await service.expectWell();
  });

  it('holds across a restart', async () => {
    const service = await start();
    const id = await service.accepted('a\n1\n', { headers: KEY });
    await service.restart();
    expect(await service.accepted('a\n1\n', { headers: KEY })).toBe(id);
    expect((await service.post('a\n2\n', { headers: KEY })).status).toBe(422);
    expect(await service.list()).toHaveLength(1);
    await service.expectWell();
  });

  it('of other requests makes other reports, and none makes a report each time', async () => {
    const service = await start();
    const ids = [await service.accepted('a\n1\n', { headers: KEY }), await service.accepted('a\n1\n', { headers: { 'idempotency-key': 'order-18' } })];
    ids.push(await service.accepted('a\n1\n'), await service.accepted('a\n1\n'));
    expect(new Set(ids).size).toBe(4);
  });
});

describe('the list', () => {
  it('has the newest report first and goes on page by page', async () => {
    const service = await start();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(await service.accepted(`a\n${i}\n`));
    expect((await service.list()).map(({ id }) => id)).toEqual(ids);
    const pages: string[][] = [];
    for (let next: number | null = 1e6; next !== null; ) {
      const page = (await service.get(`/reports?limit=2&before=${next}`)).body as { reports: Report[]; next: number | null };
      pages.push(page.reports.map(({ id }) => id));
      next = page.next;
    }
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  });

  it('holds reports only, no webhooks', async () => {
    const service = await start();
    const id = await service.accepted('a\n1\n', { query: '?webhook=http://127.0.0.1:1/' });
    await service.reached(id, 'succeeded');
    await service.expectWell();
    expect(await service.list()).toHaveLength(2);
    expect((await service.get(`/reports/${id}:webhook`)).status).toBe(404);
  });
});

describe('a report is cancelled', () => {
  it('while it waits', async () => {
    const service = await start({ concurrency: 1 });
    const [busy, waiting] = [await service.accepted(ENDLESS), await service.accepted('a\n1\n')];
    expect((await service.report(waiting)).state).toBe('queued');
    expect(await service.call('DELETE', `/reports/${waiting}`)).toMatchObject({ status: 200, body: { id: waiting, state: 'cancelled', startedAt: null } });
    await service.call('DELETE', `/reports/${busy}`);
    await service.expectWell();
    expect((await service.report(waiting)).state).toBe('cancelled');
  });

  it('while it is made, and its worker turns to the next at once', async () => {
    const service = await start({ concurrency: 1 });
    const id = await service.accepted(ENDLESS);
    await service.reached(id, 'running');
    expect(await service.call('DELETE', `/reports/${id}`)).toMatchObject({ status: 200, body: { state: 'cancelled', result: null } });
    await service.expectWell();
    expect(await service.report(id)).toMatchObject({ state: 'cancelled', result: null, error: null });
  });

  it('again with the same answer', async () => {
    const service = await start();
    const id = await service.accepted(ENDLESS);
    for (let i = 0; i < 2; i++) expect(await service.call('DELETE', `/reports/${id}`)).toMatchObject({ status: 200, body: { state: 'cancelled' } });
  });

  it('not once it has ended', async () => {
    const service = await start();
    const id = await service.accepted('a\n1\n');
    const report = await service.reached(id, 'succeeded');
    expect(await service.call('DELETE', `/reports/${id}`)).toMatchObject({ status: 409, body: { detail: 'The report has succeeded already.', state: 'succeeded' } });
    expect(await service.report(id)).toEqual(report);
  });

  it('not if there is none', async () => {
    const service = await start();
    expect(await service.call('DELETE', '/reports/none')).toMatchObject({ status: 404, body: { status: 404, title: 'Not Found' } });
  });
});

describe('HTTP', () => {
  it('answers HEAD as GET, without the body', async () => {
    const service = await start();
    const id = await service.accepted('a\n1\n');
    await service.reached(id, 'succeeded');
    for (const path of ['/', '/health', '/reports', `/reports/${id}`]) {
      const [head, get] = [await fetch(service.url + path, { method: 'HEAD' }), await fetch(service.url + path)];
      expect(await head.text()).toBe('');
      expect(head.status).toBe(200);
      expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(await get.text())));
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    }
  });

  it.each([['PUT', '/reports', 'GET, POST'], ['DELETE', '/reports', 'GET, POST'], ['POST', '/', 'GET'], ['POST', '/reports/x', 'GET, DELETE'], ['PATCH', '/health', 'GET']])(
    'answers %s %s with 405 and the methods there are',
    async (method, path, allow) => {
      const service = await start();
      const reply = await service.call(method, path);
      expect(reply).toMatchObject({ status: 405, body: { status: 405 } });
      expect(reply.headers.get('allow')).toBe(allow);
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
    },
  );

  it('answers an unknown path with 404, and every reply names its request', async () => {
    const service = await start();
    const reply = await service.get('/nothing');
    expect(reply.status).toBe(404);
    expect(reply.body['requestId']).toBe(reply.headers.get('x-request-id'));
  });
});

describe('health', () => {
  it('is well, and unavailable from the moment the service drains', async () => {
    const service = await start({ drainDelay: '1m' });
    expect(await service.get('/health')).toMatchObject({ status: 200, body: { status: 'ok', faults: {} } });
    const closing = service.server.close();
    expect(await service.get('/health')).toMatchObject({ status: 503, body: { status: 'unavailable', faults: { server: 'the service is shutting down' } } });
    await service.accepted('a\n1\n');
    await Promise.all([closing, service.close()]);
  });
});
