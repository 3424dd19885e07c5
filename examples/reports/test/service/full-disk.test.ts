import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { openSqlite } from '@tunic/sql-adapter';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ServiceProcess } from '../../tools/service-process.ts';
import { until } from '../../tools/until.ts';
import { useService } from './use-service.ts';

const MIB = 2 ** 20;
const CSV = 'city,degrees\nOslo,4\nRome,16\n';

/** Bounds the size of a database that is opened from now on, until it is bounded anew; SQLite itself refuses what is beyond. */
const database: { setRoom: (pages: number) => void; pages: () => number } = vi.hoisted(() => ({ setRoom: () => undefined, pages: () => 0 }));
vi.mock(import('@tunic/sql-adapter'), async (original) => {
  const actual = await original();
  return {
    ...actual,
    openSqlite: async (...args: Parameters<typeof openSqlite>) => {
      const client = await actual.openSqlite(...args);
      database.pages = () => (client.prepare('PRAGMA page_count').get() as { page_count: number }).page_count;
      database.setRoom = (pages) => void client.prepare(`PRAGMA max_page_count = ${pages}`).all();
      return client;
    },
  };
});

const start = useService();

describe('when the disk has no room for a file', () => {
  const folders: string[] = [];
  afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))));

  it('the upload is answered with 507, leaves nothing, and smaller ones are taken', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'reports-'));
    folders.push(dataDir);
    await using service = await ServiceProcess.start({ dataDir, maxFileBytes: 6 * MIB });
    const post = (body: string): Promise<Response> => fetch(`${service.url}/reports`, { method: 'POST', body, headers: { 'content-type': 'text/csv', 'idempotency-key': 'k' } });
    const refused = await post('n\n' + '1234567\n'.repeat(MIB));
    expect([refused.status, await refused.json()]).toMatchObject([507, { status: 507, detail: 'The disk of the service is full; nothing of the file was kept.' }]);
    expect(await readdir(join(dataDir, 'uploads'))).toEqual([]);
    const accepted = await post(CSV);
    expect(accepted.status).toBe(202);
    const { url } = (await accepted.json()) as { url: string };
    await until(async () => ((await (await fetch(service.url + url)).json()) as { state: string }).state === 'succeeded');
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
  });
});

describe('when the database is full', () => {
  it('uploads are answered with 507 and leave nothing, accepted reports are kept, and it works again with room', async () => {
    const service = await start({ concurrency: 1 });
    const before = await service.accepted(CSV);
    await service.reached(before, 'succeeded');
    const ids: string[] = [];
    database.setRoom(database.pages() + 2);
    const refused = await until(async () => {
      const reply = await service.post(CSV, { headers: { 'idempotency-key': `key-${'k'.repeat(200)}-${ids.length}` } });
      if (reply.status === 202) ids.push(String(reply.body['id']));
      return reply.status !== 202 && reply;
    });
    expect(refused).toMatchObject({ status: 507, body: { detail: 'There is no storage left.' } });
    expect((await service.files()).filter((name) => !ids.some((id) => name.startsWith(id)))).toEqual([]);
    expect((await service.get('/health')).status).toBe(200);
    expect((await service.report(before)).state).toBe('succeeded');

    database.setRoom(1e6);
    for (const id of ids) expect((await service.reached(id, 'succeeded')).result?.rows).toBe(2);
    await service.accepted(CSV, { headers: { 'idempotency-key': `key-${'k'.repeat(200)}-${ids.length}` } });
    await service.expectWell();
    expect(await service.list('?limit=100')).toHaveLength(ids.length + 3);
  });
});
