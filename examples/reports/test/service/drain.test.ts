import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Report } from '../../src/reports/report.ts';
import { ServiceProcess } from '../../tools/service-process.ts';
import { until } from '../../tools/until.ts';
import { WebhookReceiver } from '../../tools/webhook-receiver.ts';
import { RawUpload } from './raw-upload.ts';

const SMALL = 'n\n1\n2\n';
const LARGE = 'n\n' + '1234567\n'.repeat(1_500_000);
/** A drain may take its 10 s of grace for requests and as much for reports. */
const GRACE_MS = 21_000;
const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))));

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'reports-'));
  folders.push(path);
  return path;
}

async function post(url: string, body: string, query = ''): Promise<string> {
  const reply = await fetch(`${url}/reports${query}`, { method: 'POST', body, headers: { 'content-type': 'text/csv' } });
  expect(reply.status).toBe(202);
  return ((await reply.json()) as { id: string }).id;
}

async function get(url: string, id: string): Promise<Report> {
  return (await (await fetch(`${url}/reports/${id}`)).json()) as Report;
}

async function inState(url: string, id: string, state: Report['state']): Promise<Report> {
  return await until(async () => {
    const report = await get(url, id);
    return report.state === state && report;
  }, { what: `report ${id} to be ${state}` });
}

function portOf(service: ServiceProcess): number {
  return Number(new URL(service.url).port);
}

async function refusesConnections(service: ServiceProcess): Promise<boolean> {
  return await fetch(`${service.url}/health`).then(() => false, () => true);
}

describe('on SIGTERM', () => {
  it('an upload under way is accepted, running reports are made, and the process ends with 0; the next one does the rest', async () => {
    await using receiver = await WebhookReceiver.start();
    const dataDir = await folder();
    await using service = await ServiceProcess.start({ dataDir, env: { CONCURRENCY: '1' } });
    const running = await post(service.url, LARGE, `?webhook=${receiver.url}`);
    const waiting = [await post(service.url, LARGE), await post(service.url, SMALL)];
    await inState(service.url, running, 'running');
    const upload = await RawUpload.begin(portOf(service), 'n\n1\n');
    await until(async () => (await readdir(join(dataDir, 'uploads'))).some((name) => name.endsWith('.part')));

    const began = performance.now();
    service.send('SIGTERM');
    await until(() => refusesConnections(service));
    upload.send('2\n');
    upload.finish();
    const { status, text } = await upload.reply();
    expect([status, /connection: close/i.test(text)]).toEqual([202, true]);
    expect(await service.ended()).toBe(0);
    expect(performance.now() - began).toBeLessThan(GRACE_MS);
    expect(service.output).not.toMatch(/"level":(50|60)/);

    await using next = await ServiceProcess.start({ dataDir });
    expect((await get(next.url, running)).state).toBe('succeeded');
    const uploaded = /"id":"([^"]+)"/.exec(text)?.[1] ?? '';
    for (const id of [...waiting, uploaded]) await inState(next.url, id, 'succeeded');
    await until(async () => (await readdir(join(dataDir, 'uploads'))).length === 0 && receiver.deliveries.length === 1);
    expect(receiver.deliveries[0]?.key).toBe(running);
  });

  it('an upload that does not end in time is cut off and leaves nothing', async () => {
    const dataDir = await folder();
    await using service = await ServiceProcess.start({ dataDir, env: { DRAIN_GRACE: '300ms' } });
    const upload = await RawUpload.begin(portOf(service), 'n\n1\n');
    await until(async () => (await readdir(join(dataDir, 'uploads'))).length === 1);
    service.send('SIGTERM');
    expect(await service.ended()).toBe(0);
    await until(() => upload.isOver);
    expect(await readdir(join(dataDir, 'uploads'))).toEqual([]);
    await using next = await ServiceProcess.start({ dataDir });
    expect(await (await fetch(`${next.url}/reports`)).json()).toEqual({ reports: [], next: null });
  });

  it('a connection that waits for nothing does not hold it up', async () => {
    await using service = await ServiceProcess.start({ dataDir: await folder() });
    await fetch(`${service.url}/health`).then((reply) => reply.text());
    service.send('SIGTERM');
    expect(await service.ended()).toBe(0);
  });
});

it('a second SIGTERM ends the requests at once, and what was accepted is done by the next start', async () => {
  const dataDir = await folder();
  await using service = await ServiceProcess.start({ dataDir });
  const id = await post(service.url, LARGE);
  await inState(service.url, id, 'running');
  const upload = await RawUpload.begin(portOf(service), 'n\n1\n');
  await until(async () => (await readdir(join(dataDir, 'uploads'))).length === 2);
  service.send('SIGTERM');
  await until(() => refusesConnections(service));
  service.send('SIGTERM');
  await until(() => upload.isOver);
  expect(await service.ended()).toBe(0);
  await using next = await ServiceProcess.start({ dataDir });
  await inState(next.url, id, 'succeeded');
});

it('a service that cannot start says why and ends', async () => {
  const starting = ServiceProcess.start({ dataDir: await folder(), env: { PORT: 'http' } });
  await expect(starting).rejects.toThrow('the service did not start: PORT: expected a whole number from 0 to 65535, received "http"');
});
