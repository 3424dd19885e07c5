import { describe, expect, it } from 'vitest';
import { type HttpContext, bodyStream, createStack, readBody, readJson, readText } from '../../src/index.ts';
import { RawClient, post } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { useServers } from '../support/use-servers.ts';

const open = useServers();

const json = { 'content-type': 'application/json' };

describe('readJson', () => {
  const handler = async (ctx: HttpContext): Promise<unknown> => ({ got: await readJson(ctx, { limit: 100 }) });
  const serveIt = () => open(handler as never);

  it.each(['{"a":1}', '[]', 'null', '"ü"', '\ufeff{"bom":true}'])('reads %s', async (body) => {
    const { url } = await serveIt();
    const reply = await fetch(url, { method: 'POST', body, headers: json });
    expect(await reply.json()).toEqual({ got: JSON.parse(body.replace('\ufeff', '')) as unknown });
  });

  it.each(['application/json', 'application/json; charset=UTF-8', 'Application/JSON', 'application/vnd.api+json;v=1'])('takes the content type %s', async (type) => {
    const { url } = await serveIt();
    expect((await fetch(url, { method: 'POST', body: '1', headers: { 'content-type': type } })).status).toBe(200);
  });

  it.each<[number, Record<string, string>, string | Uint8Array<ArrayBuffer>]>([
    [415, { 'content-type': 'text/plain' }, '{}'],
    [415, { 'content-type': 'application/jsonx' }, '{}'],
    [415, { 'content-type': 'application/json; charset=utf-16' }, '{}'],
    [415, { ...json, 'content-encoding': 'gzip' }, '{}'],
    [400, json, ''],
    [400, json, '{"a":'],
    [400, json, new Uint8Array([34, 0xc3, 0x28, 34])],
    [413, json, `"${'x'.repeat(99)}"`],
  ])('answers %d to %j with %j', async (status, headers, body) => {
    const { url } = await serveIt();
    const reply = await fetch(url, { method: 'POST', body, headers });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
  });

  it('answers 415 to a request without a content type', async () => {
    const { port } = await serveIt();
    expect(await new RawClient(port, post('/', '{}', 'Connection: close\r\n')).whole()).toMatch(/^HTTP\/1\.1 415/);
  });
});

describe('readBody', () => {
  it('reads a body of exactly the limit, in chunks or with a length, and none at all', async () => {
    const { port } = await open(async (ctx) => `<${(await readBody(ctx, { limit: 5 })).byteLength}>`);
    const chunked = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n';
    for (const [request, size] of [[post('/', '12345', 'Connection: close\r\n'), 5], [chunked, 5], [post('/', '', 'Connection: close\r\n'), 0]] as const)
      expect(await new RawClient(port, request).whole()).toContain(`<${size}>`);
  });

  it('gives later callers the same bytes, within their own limit', async () => {
    const { url } = await open(async (ctx) => {
      const first = await readBody(ctx);
      const same = first === (await readBody(ctx));
      const text = await readText(ctx);
      await readBody(ctx, { limit: 2 }).catch((error: unknown) => (ctx.head.set('x-status', (error as { status: number }).status)));
      return { same, text };
    });
    const reply = await fetch(url, { method: 'POST', body: 'abc' });
    expect([await reply.json(), reply.headers.get('x-status')]).toEqual([{ same: true, text: 'abc' }, '413']);
  });

  it.each([-1, 1.5, NaN, '1' as never])('refuses the limit %s', async (limit) => {
    let code: unknown;
    const { url } = await open(async (ctx) => {
      await readBody(ctx, { limit }).catch((error: unknown) => (code = (error as { code: unknown }).code));
      return 'ok';
    });
    await fetch(url, { method: 'POST', body: 'x' });
    expect(code).toBe('ERR_TUNIC_OPTION');
  });

  it('serves the next request of the connection after a small body that nobody read', async () => {
    const { port } = await open((ctx) => `<${ctx.method}>`);
    const client = new RawClient(port, post('/', 'unread') + post('/', 'x', 'Connection: close\r\n'));
    expect((await client.whole()).match(/<POST>/g)).toHaveLength(2);
  });
});

describe('a body over the limit', () => {
  it('is refused by its declared length before anything is read, and the client that still sends sees it', async () => {
    const listener = createStack().listener(async (ctx) => readBody(ctx, { limit: 1000 }));
    const { port } = await open(listener);
    const client = new RawClient(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n');
    // Far more than the socket buffers hold: without somebody reading, the client would never come to its end.
    for (let sent = 0; sent < 200; sent += 1) client.send('x'.repeat(100_000));
    const text = await client.whole();
    expect(text).toMatch(/^HTTP\/1\.1 413 [^]*connection: close[^]*"limit":1000/i);
    await until(() => listener.stats.active === 0);
    // All of it was taken: no reset, under which another client would have lost the reply.
    expect(client.error).toBeUndefined();
  });

  it.each(['readBody', 'bodyStream'])('is refused while reading when no length was declared, by %s', async (how) => {
    let read = 0;
    const { port } = await open(async (ctx) => {
      if (how === 'readBody') await readBody(ctx, { limit: 1000 });
      else for await (const piece of bodyStream(ctx, { limit: 1000 })) read += (piece as Uint8Array).byteLength;
    });
    const client = new RawClient(port, 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let sent = 0; sent < 50; sent += 1) client.send(`186a0\r\n${'x'.repeat(100_000)}\r\n`);
    await client.hears(/^HTTP\/1\.1 413 [^]*connection: close[^]*"limit":1000/i);
    client.send('0\r\n\r\n');
    await client.whole();
    expect(read).toBeLessThanOrEqual(1000);
  });

  it('does not hold the connection of a client that stops sending', async () => {
    const ends: string[] = [];
    const { port } = await open(async (ctx) => {
      ctx.onEnd((outcome) => void ends.push(outcome));
      return readBody(ctx, { limit: 10 });
    });
    const client = new RawClient(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    expect(await client.whole()).toMatch(/^HTTP\/1\.1 413 /);
    await until(() => ends.length > 0);
    expect(ends).toEqual(['finished']);
  });

  it('is not asked for when the client waits for 100 Continue', async () => {
    const { port } = await open(async (ctx) => readBody(ctx, { limit: 10 }));
    const client = new RawClient(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n');
    const text = await client.whole();
    expect(text).toMatch(/^HTTP\/1\.1 413 [^]*connection: close/i);
    expect(text).not.toContain('100 Continue');
  });
});

describe('Expect: 100-continue', () => {
  it.each<[string, (ctx: HttpContext) => unknown]>([
    ['readText', (ctx) => readText(ctx)],
    ['bodyStream', (ctx) => bodyStream(ctx, { limit: 10 })],
    ['the raw request', (ctx) => ctx.raw.req],
  ])('is answered when the body is asked for with %s', async (_, handler) => {
    const { port } = await open(handler as never);
    const client = new RawClient(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n');
    await client.hears('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hello');
    expect(await client.whole()).toMatch(/HTTP\/1\.1 200 OK[^]*hello/);
  });
});

describe('bodyStream', () => {
  it('survives a client that leaves when nobody reads it any more', async () => {
    let gone = false;
    const { port } = await open(async (ctx: HttpContext) => {
      const stream = bodyStream(ctx, { limit: Infinity });
      const pieces = stream.iterator({ destroyOnReturn: false });
      await pieces.next();
      await pieces.return?.();
      await new Promise<void>((resolve) => ctx.onEnd(() => resolve()));
      await until(() => stream.destroyed);
      gone = true;
      return 'nobody hears this';
    });
    const client = new RawClient(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc');
    client.socket.once('connect', () => setImmediate(() => client.reset()));
    await until(() => gone);
  });

  it('reads at the pace of its consumer', async () => {
    let release: (() => void) | undefined;
    const { port } = await open(async (ctx) => {
      const stream = bodyStream(ctx, { limit: Infinity });
      await new Promise<void>((resolve) => (release = resolve));
      let size = 0;
      for await (const piece of stream) size += (piece as Uint8Array).byteLength;
      return `<${size}>`;
    });
    const client = new RawClient(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\nConnection: close\r\n\r\n');
    for (let sent = 0; sent < 500; sent += 1) client.send('x'.repeat(100_000));
    let before = -1;
    let turns = 0;
    await until(() => {
      const written = 50_000_000 - client.socket.writableLength;
      turns = written === before ? turns + 1 : 0;
      before = written;
      return release !== undefined && turns > 200;
    });
    expect(client.socket.writableLength).toBeGreaterThan(10_000_000);
    release?.();
    expect(await client.whole()).toContain('<50000000>');
  });

  it('that is left unread lets the reply through and closes the connection', async () => {
    const { port } = await open((ctx) => {
      bodyStream(ctx, { limit: Infinity }).destroy();
      return 'enough';
    });
    const client = new RawClient(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n');
    for (let sent = 0; sent < 200; sent += 1) client.send('x'.repeat(100_000));
    expect(await client.whole()).toMatch(/connection: close[^]*enough/i);
    expect(client.error).toBeUndefined();
  });

  it('has the body to itself', async () => {
    const codes: unknown[] = [];
    const { url } = await open(async (ctx) => {
      const stream = bodyStream(ctx, { limit: 10 });
      await readBody(ctx).catch((error: unknown) => codes.push((error as { code: unknown }).code));
      return stream;
    });
    expect(await (await fetch(url, { method: 'POST', body: 'abc' })).text()).toBe('abc');
    expect(codes).toEqual(['ERR_TUNIC_OPTION']);
  });
});
