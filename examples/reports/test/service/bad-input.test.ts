import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../../tools/until.ts';
import { RawUpload } from './raw-upload.ts';
import { dataSet, type PostOptions, type Reply, type TestService, useService } from './use-service.ts';

const start = useService();
const MIB = 2 ** 20;
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

function expectProblem(reply: Reply, status: number, detail: RegExp | string): void {
  expect(reply).toMatchObject({ status, body: { status, type: 'about:blank', detail: expect.stringMatching(detail) as string, requestId: expect.any(String) as string } });
  expect(reply.headers.get('content-type')).toBe('application/problem+json');
}

/** The upload is refused, leaves nothing behind, and the service goes on. */
async function expectRefused(service: TestService, reply: Reply, [status, detail]: readonly [number, RegExp | string]): Promise<void> {
  expectProblem(reply, status, detail);
  expect(await service.list()).toEqual([]);
  await service.expectWell();
}

/** Sends a path as it stands, which fetch would tidy up. */
function rawStatus(service: TestService, method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const req = request({ port: service.port, host: '127.0.0.1', method, path }, (res) => {
      res.resume();
      resolve(res.statusCode);
    });
    req.on('error', reject).end();
  });
}

describe('a file is refused when', () => {
  it.each<[string, string | Uint8Array, PostOptions, number, RegExp]>([
    ['it is a PNG image', PNG, {}, 422, /not valid UTF-8: it breaks at byte offset 0, on line 1/],
    ['it holds a NUL byte', 'a,b\n1,\0\n', {}, 415, /NUL byte/],
    ['it is UTF-16', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), {}, 415, /UTF-16; please save it as UTF-8/],
    ['it is called an image', PNG, { headers: { 'content-type': 'image/png' } }, 415, /this came as image\/png/],
    ['it is called JSON', '{"a":1}', { headers: { 'content-type': 'application/json' } }, 415, /this came as application\/json/],
    ['it is called a form', 'a=1', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, /this came as application\/x-www/],
    ['it has no content type', 'a\n1\n', { headers: { 'content-type': '' } }, 415, /this came as no type at all/],
    ['it is empty', '', {}, 400, /The file is empty/],
    ['it says that it is not UTF-8', 'a\n1\n', { headers: { 'content-type': 'text/csv; charset=iso-8859-1' } }, 415, /this came as iso-8859-1/],
    ['it is compressed', 'a\n1\n', { headers: { 'content-encoding': 'gzip' } }, 415, /content encoding gzip/],
    ['its UTF-8 is broken', Buffer.from('name\nOslo\nK\xf6ln\n', 'latin1'), {}, 422, /breaks at byte offset 11, on line 3/],
    ['its UTF-8 is cut off at the end', Buffer.from([0x61, 0x0a, 0xc3]), {}, 422, /breaks at byte offset 3, on line 2/],
    ['its idempotency key has a space', 'a\n1\n', { headers: { 'idempotency-key': 'a b' } }, 400, /1 to 255 visible ASCII/],
    ['its idempotency key is too long', 'a\n1\n', { headers: { 'idempotency-key': 'k'.repeat(256) } }, 400, /1 to 255 visible ASCII/],
    ['its idempotency key is empty', 'a\n1\n', { headers: { 'idempotency-key': '' } }, 400, /1 to 255 visible ASCII/],
    ['its webhook is no URL', 'a\n1\n', { query: '?webhook=nowhere' }, 422, /webhook: expected an absolute http/],
    ['its webhook is a file', 'a\n1\n', { query: '?webhook=file:///etc/passwd' }, 422, /webhook: expected an http or https URL/],
    ['its webhook names a user', 'a\n1\n', { query: '?webhook=http://me:secret@host/' }, 422, /without a user name or password/],
  ])('%s', async (_, body, options, status, detail) => {
    const service = await start();
    await expectRefused(service, await service.post(typeof body === 'string' ? body : new Uint8Array(body), options), [status, detail]);
  });

  it('its webhook is on a host that may not be called', async () => {
    const service = await start({ webhookHosts: ['hooks.example'] });
    await expectRefused(service, await service.post('a\n1\n', { query: '?webhook=http://127.0.0.1/' }), [422, /not among those that the service may call/]);
  });

  it('its fault is told with the line', async () => {
    const service = await start();
    expect((await service.post(new Uint8Array([0x61, 0x0a, 0x31, 0x0a, 0xff]))).body['line']).toBe(3);
  });

  it('one of its lines has a gigabyte: at once, and the client sees why', async () => {
    const service = await start();
    const before = process.memoryUsage().rss;
    const piece = Buffer.alloc(64 * 1024, 'x');
    function* gigabyte(): Generator<Buffer> {
      for (let sent = 0; sent < 1024 * MIB; sent += piece.length) yield piece;
    }
    const upload = await RawUpload.begin(service.port, 'a,b\n');
    const sent = await upload.stream(gigabyte());
    const { status, text } = await upload.reply();
    expect(status).toBe(422);
    expect(text).toContain('Line 2 is longer than 1048576 bytes');
    // What the sockets hold between the two comes on top.
    expect(sent).toBeLessThan(16 * MIB);
    await upload.end();
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
    expect(await service.list()).toEqual([]);
    await service.expectWell();
  });
});

describe('a file that is no table fails as a report with the reason', () => {
  it.each([
    ['10,000 columns', Array.from({ length: 10_000 }, (_, i) => `c${i}`).join(',') + '\n', 'The header has 10000 columns; at most 2000 are taken.'],
    ['JSON called CSV', '{"a":1}\n', 'The header on line 1 cannot be read'],
    ['nothing but blank lines', '\n\n\n', 'There is no header'],
    ['a quote that is never closed', `a,b\n"${'x,y\n'.repeat(400_000)}`, 'The record that starts on line 2 is longer than 1048576 bytes'],
  ])('%s', async (_, body, message) => {
    const service = await start();
    const id = await service.accepted(body);
    const report = await service.reached(id, 'failed');
    expect(report.error?.message).toContain(message);
    expect(report.result).toBeNull();
    await service.expectWell();
  });
});

describe('a table with faults gives a report', () => {
  it('with the lines of ragged rows', async () => {
    const service = await start();
    const { result } = await service.reached(await service.accepted('a,b\n1,2\n3\n4,5,6\n"7"x,8\n9,10\n'), 'succeeded');
    expect(result?.rows).toBe(2);
    expect(result?.rowErrors.total).toBe(3);
    expect(result?.rowErrors.listed.map(({ line }) => line)).toEqual([3, 4, 5]);
    expect(result?.columns[0]?.mean).toBe(5);
    await service.expectWell();
  });

  it('of a header alone', async () => {
    const service = await start();
    const { result } = await service.reached(await service.accepted('a,b'), 'succeeded');
    expect(result).toMatchObject({ rows: 0, columns: [{ name: 'a', type: 'empty', count: 0 }, { name: 'b', type: 'empty', count: 0 }] });
    await service.expectWell();
  });

  it('with huge names cut short', async () => {
    const service = await start();
    const { result } = await service.reached(await service.accepted(`${'n'.repeat(500_000)},b\n1,2\n`), 'succeeded');
    expect(result?.columns[0]?.name.length).toBeLessThan(200);
    expect(result?.columns[0]?.mean).toBe(1);
    await service.expectWell();
  });
});

describe('a client that', () => {
  it.each(['leave', 'reset'] as const)('goes away in the middle of its upload (%s) leaves nothing behind', async (how) => {
    const service = await start();
    const upload = await RawUpload.begin(service.port, 'a,b\n1,2\n', 'Idempotency-Key: gone\r\n');
    await until(async () => (await service.files()).length > 0);
    upload[how]();
    await until(async () => (await service.files()).length === 0);
    expect(await service.list()).toEqual([]);
    await service.accepted('a,b\n1,2\n', { headers: { 'idempotency-key': 'gone' } });
    await service.expectWell();
  });

  it('sends less than it had announced leaves nothing behind', async () => {
    const service = await start();
    const req = request({ port: service.port, host: '127.0.0.1', method: 'POST', path: '/reports', headers: { 'content-type': 'text/csv', 'content-length': 1000 } });
    req.on('error', () => undefined);
    req.write('a,b\n1,2\n');
    await until(async () => (await service.files()).length > 0);
    req.destroy();
    await until(async () => (await service.files()).length === 0);
    expect(await service.list()).toEqual([]);
    await service.expectWell();
  });

  it('sends byte by byte gets its report, and holds up nobody', async () => {
    const service = await start();
    const upload = await RawUpload.begin(service.port, 'n');
    for (const byte of '\n1\n2\n3') {
      upload.send(byte);
      await turn();
    }
    const other = await service.accepted('a\n1\n');
    await service.reached(other, 'succeeded');
    upload.finish();
    const { status, text } = await upload.reply();
    expect(status).toBe(202);
    const id = /"id":"([^"]+)"/.exec(text)?.[1] ?? '';
    expect((await service.reached(id, 'succeeded')).result?.columns[0]?.mean).toBe(2);
    await upload.end();
    await service.expectWell();
  });

  it('sends a chunk that is none is refused', async () => {
    const service = await start();
    const upload = await RawUpload.begin(service.port, 'a\n', 'X-Broken: yes\r\n');
    upload.sendRaw('zzz\r\n');
    await until(async () => (await service.files()).length === 0 && upload.isOver);
    expect(await service.list()).toEqual([]);
    await service.expectWell();
  });
});

describe('two requests with one idempotency key and different files', () => {
  it('at the same time: one is accepted, the other refused', async () => {
    const service = await start();
    const headers = { 'idempotency-key': 'k' };
    const replies = await Promise.all([service.post('a\n1\n', { headers }), service.post('a\n2\n', { headers })]);
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 422]);
    expect(await service.list()).toHaveLength(1);
    await service.expectWell();
  });
});

describe('an id', () => {
  it.each(['none', 'a'.repeat(5000), '%00', '%F0%9F%A6%84', "';DROP TABLE tunic_tasks;--", '%ff', '%'])('that is none of ours is not found: %.20s', async (id) => {
    const service = await start();
    for (const method of ['GET', 'DELETE']) expect([400, 404]).toContain((await service.call(method, `/reports/${id}`)).status);
    await service.expectWell();
  });

  it.each(['/reports/..%2f..', '/reports/..%2f..%2fetc%2fpasswd', '/reports/../reports.db', '/reports/%2e%2e', '/reports/.%00', '//reports/x', '/reports//'])('that climbs out of its folder finds nothing: %s', async (path) => {
    const service = await start();
    const id = await service.accepted(await readFile(dataSet('co2-concentration.csv')));
    await service.reached(id, 'succeeded');
    for (const method of ['GET', 'DELETE']) expect([400, 404]).toContain(await rawStatus(service, method, path));
    await service.expectWell();
  });
});

describe('a list', () => {
  it.each(['limit=0', 'limit=101', 'limit=x', 'limit=-1', 'limit=1.5', 'limit=', 'limit=1e1', 'before=0', 'before=x', 'before=99999999999999999999'])('is refused with ?%s', async (query) => {
    const service = await start();
    expectProblem(await service.get(`/reports?${query}`), 400, /^(limit|before): expected a whole number from 1 to \d+\.$/);
  });
});

describe('headers', () => {
  it('that are too large are refused', async () => {
    const service = await start();
    expect((await service.get('/health')).status).toBe(200);
    const upload = await RawUpload.begin(service.port, 'a\n', `X-Huge: ${'x'.repeat(20_000)}\r\n`);
    expect((await upload.reply()).status).toBe(431);
    await service.expectWell();
  });

  it('with a strange request id get one of ours', async () => {
    const service = await start();
    const { headers } = await service.call('GET', '/health', { headers: { 'x-request-id': 'a b {"level":60}' } });
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  });
});
