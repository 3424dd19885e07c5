import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../tools/until.ts';
import { type Behaviour, WebhookReceiver } from '../../tools/webhook-receiver.ts';
import { type TestService, useService } from './use-service.ts';

const start = useService();
const CSV = 'city,degrees\nOslo,4\nRome,16\n';
const ENDLESS = 'n\n' + '1234567\n'.repeat(4_000_000);

async function post(service: TestService, receiver: WebhookReceiver, csv = CSV): Promise<string> {
  return await service.accepted(csv, { query: `?webhook=${encodeURIComponent(`${receiver.url}/hook`)}` });
}

/** The webhook of a report has come to its end: nothing more will be sent. */
async function sent(service: TestService, id: string): Promise<string> {
  const task = await until(async () => {
    const found = await service.task(`${id}:webhook`);
    return found?.state === 'succeeded' || found?.state === 'failed' ? found : undefined;
  }, { what: `the webhook of ${id} to end` });
  return task.state === 'failed' ? `${task.state}: ${task.error?.message ?? ''}` : task.state;
}

describe('a webhook', () => {
  it('brings the whole report once, under its id as key', async () => {
    await using receiver = await WebhookReceiver.start();
    const service = await start();
    const id = await post(service, receiver);
    expect(await sent(service, id)).toBe('succeeded');
    expect(receiver.deliveries).toHaveLength(1);
    expect(receiver.deliveries[0]).toMatchObject({ path: '/hook', key: id });
    expect(receiver.deliveries[0]?.report).toEqual(await service.report(id));
    expect(receiver.deliveries[0]?.report.result?.columns[1]?.mean).toBe(10);
    await service.expectWell();
  });

  it('is not sent where none was asked for', async () => {
    const service = await start();
    const id = await service.accepted(CSV);
    await service.reached(id, 'succeeded');
    await service.expectWell();
    expect(await service.task(`${id}:webhook`)).toBeUndefined();
  });

  it('tells of a report that failed', async () => {
    await using receiver = await WebhookReceiver.start();
    const service = await start();
    const id = await post(service, receiver, '\n\n');
    await sent(service, id);
    expect(receiver.deliveries.map(({ key, report }) => [key, report.state, report.error?.code])).toEqual([[id, 'failed', 'no-header']]);
    await service.expectWell();
  });

  it('tells of a report that was cancelled, once, however often that is asked', async () => {
    await using receiver = await WebhookReceiver.start();
    const service = await start();
    const id = await post(service, receiver, ENDLESS);
    await Promise.all([service.call('DELETE', `/reports/${id}`), service.call('DELETE', `/reports/${id}`)]);
    await sent(service, id);
    expect(receiver.deliveries.map(({ key, report }) => [key, report.state])).toEqual([[id, 'cancelled']]);
    await service.expectWell();
  });
});

describe('a receiver that', () => {
  it.each<[string, Behaviour, number]>([
    ['answers 500 twice', (res, _, number) => res.writeHead(number <= 2 ? 500 : 200).end(), 3],
    ['answers 429 once', (res, _, number) => res.writeHead(number === 1 ? 429 : 200).end(), 2],
    ['resets the connection', (res, _, number) => (number === 1 ? res.destroy() : res.writeHead(200).end()), 2],
    ['never answers', (res, _, number) => void (number > 1 && res.writeHead(200).end()), 2],
    ['answers and never ends', (res, _, number) => void (number > 1 ? res.writeHead(200).end() : res.writeHead(500).write('...')), 2],
  ])('%s is sent the same again', async (_, behave, times) => {
    await using receiver = await WebhookReceiver.start(behave);
    const service = await start({ webhookTimeout: '300ms' });
    const id = await post(service, receiver);
    expect(await sent(service, id)).toBe('succeeded');
    expect(receiver.deliveries).toHaveLength(times);
    expect(new Set(receiver.deliveries.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
    expect(receiver.deliveries[0]?.key).toBe(id);
    await service.expectWell();
  });

  it.each([400, 401, 404, 410, 422])('answers %i has refused it for good', async (status) => {
    await using receiver = await WebhookReceiver.start((res) => res.writeHead(status).end());
    const service = await start();
    const id = await post(service, receiver);
    expect(await sent(service, id)).toBe(`failed: the receiver answered ${status}`);
    expect(receiver.deliveries).toHaveLength(1);
    expect((await service.report(id)).state).toBe('succeeded');
    await service.expectWell();
  });

  it('redirects is not followed, nor asked again', async () => {
    await using other = await WebhookReceiver.start();
    await using receiver = await WebhookReceiver.start((res) => res.writeHead(307, { location: `${other.url}/inside` }).end());
    const service = await start();
    const id = await post(service, receiver);
    expect(await sent(service, id)).toBe('failed: the receiver answered 307');
    expect([receiver.deliveries.length, other.deliveries.length]).toEqual([1, 0]);
    await service.expectWell();
  });

  it('is not there holds up no other', async () => {
    await using receiver = await WebhookReceiver.start();
    const service = await start();
    const lost = await service.accepted(CSV, { query: '?webhook=http://127.0.0.1:1/' });
    expect(await sent(service, await post(service, receiver))).toBe('succeeded');
    expect(['scheduled', 'queued', 'running']).toContain((await service.task(`${lost}:webhook`))?.state);
    await service.expectWell();
  });
});

describe('an end that was stored but not announced, since the service was killed in between', () => {
  it('is announced at the next start', async () => {
    await using receiver = await WebhookReceiver.start();
    const service = await start();
    const id = await endedUnannounced(service, receiver);
    await service.open();
    expect(await sent(service, id)).toBe('succeeded');
    expect(receiver.deliveries.map(({ key, report }) => [key, report.state])).toEqual([[id, 'succeeded']]);
    await service.expectWell();
  });

  it('is not announced twice if the file alone was left', async () => {
    await using receiver = await WebhookReceiver.start();
    const service = await start();
    const id = await post(service, receiver);
    await sent(service, id);
    await service.close();
    await writeFile(join(service.uploadFolder, `${id}.csv`), CSV);
    await service.open();
    await service.expectWell();
    expect(receiver.deliveries).toHaveLength(1);
  });
});

/** Brings about what a kill between the two steps leaves: the end in the store, the file in place, and no webhook. */
async function endedUnannounced(service: TestService, receiver: WebhookReceiver): Promise<string> {
  const id = await post(service, receiver);
  await sent(service, id);
  receiver.deliveries.length = 0;
  await service.close();
  using database = await service.connect();
  for (const table of ['inputs', 'outcomes', 'tasks'])
    database.prepare(`DELETE FROM tunic_${table} WHERE seq = (SELECT seq FROM tunic_tasks WHERE id = ?)`).run(`${id}:webhook`);
  await writeFile(join(service.uploadFolder, `${id}.csv`), CSV);
  return id;
}
