import { describe, expect, it } from 'vitest';
import { accessLog, createStack, currentRequest, problem, requestContext, requestId } from '../../src/index.ts';
import { RawClient, get } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';
import { useServers } from '../support/use-servers.ts';

const open = useServers();

describe('requestId', () => {
  it.each([
    ['order-17', true],
    ['a.b_C-9', true],
    ['x'.repeat(128), true],
    ['x'.repeat(129), false],
    ['a b', false],
    ['<script>', false],
    ['', false],
  ])('given %j takes it: %s', async (given, taken) => {
    const { url } = await open(createStack().use(requestId()).listener((ctx) => ctx.id));
    const reply = await fetch(url, { headers: { 'x-request-id': given } });
    const id = await reply.text();
    expect([id === given, reply.headers.get('x-request-id')]).toEqual([taken, id]);
    if (!taken) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('believes nobody when told so, and takes its own header and generator', async () => {
    const { url } = await open(createStack().use(requestId({ trust: false, header: 'X-Trace', generate: () => 'made' })).listener((ctx) => ctx.id));
    const reply = await fetch(url, { headers: { 'x-trace': 'theirs' } });
    expect([await reply.text(), reply.headers.get('x-trace')]).toEqual(['made', 'made']);
  });

  it('judges each request alike under a global pattern without anchors', async () => {
    const { url } = await open(createStack().use(requestId({ trust: /[a-z]+/g })).listener((ctx) => ctx.id));
    const ids = [];
    for (const id of ['abc', 'abc', 'abc1', 'abc']) ids.push(await (await fetch(url, { headers: { 'x-request-id': id } })).text() === id);
    expect(ids).toEqual([true, true, false, true]);
  });

  it('gives each of many requests in one millisecond an id of its own', async () => {
    const { url } = await open(createStack().use(requestId()).listener((ctx) => ctx.id));
    const ids = await Promise.all(Array.from({ length: 50 }, async () => (await fetch(url)).text()));
    expect(new Set(ids).size).toBe(50);
  });
});

describe('accessLog', () => {
  it('writes one line per request with its facts, its outcome and what was thrown', async () => {
    const logger = recordingLogger();
    const error = new Error('boom');
    const listener = createStack()
      .use(requestId())
      .use(accessLog({ logger, processTime: true }))
      .listener((ctx) => {
        ctx.route = '/:what';
        if (ctx.path === '/throw') throw error;
        if (ctx.path === '/refuse') throw problem(409);
        return 'hello';
      });
    const { url } = await open(listener);
    const reply = await fetch(`${url}/ok?x=1`, { method: 'POST', body: 'abc', headers: { 'user-agent': 'test', 'x-request-id': 'r1' } });
    expect(Number(reply.headers.get('x-process-time'))).toBeGreaterThanOrEqual(0);
    await fetch(`${url}/throw`);
    await fetch(`${url}/refuse`);
    await until(() => logger.lines.length === 3);
    expect(logger.lines[0]).toEqual({
      level: 'info',
      message: 'request',
      fields: {
        requestId: 'r1',
        method: 'POST',
        url: '/ok?x=1',
        route: '/:what',
        client: '127.0.0.1',
        agent: 'test',
        requestBytes: 3,
        responseBytes: 5,
        status: 200,
        durationMs: expect.any(Number) as number,
        outcome: 'finished',
      },
    });
    expect(logger.lines[1]).toMatchObject({ level: 'error', fields: { status: 500, outcome: 'finished', err: error } });
    expect(logger.lines[2]).toMatchObject({ level: 'info', fields: { status: 409 } });
  });

  it('tells of a client that left, with its address and no status', async () => {
    const logger = recordingLogger();
    let reached = false;
    const listener = createStack()
      .use(accessLog({ logger, level: () => 'warn' }))
      .listener((ctx) => {
        reached = true;
        return new Promise<undefined>((resolve) => ctx.onEnd(() => resolve(undefined)));
      });
    const { port } = await open(listener);
    const client = new RawClient(port, get('/'));
    await until(() => reached);
    client.leave();
    await until(() => logger.lines.length === 1);
    expect(logger.lines[0]).toMatchObject({ level: 'warn', fields: { outcome: 'aborted', status: undefined, client: '127.0.0.1' } });
  });

  it('refuses to be made without a logger', () => {
    expect(() => accessLog({} as never)).toThrow(/logger: expected a logger/);
  });
});

describe('requestContext', () => {
  it('makes the request readable anywhere below, in work after it too, and nowhere else', async () => {
    const seen: unknown[] = [];
    const listener = createStack()
      .use(requestId())
      .use(requestContext())
      .listener(async (ctx) => {
        ctx.after(() => void seen.push(currentRequest.get()?.id));
        await new Promise((resolve) => setImmediate(resolve));
        return currentRequest.get()?.id ?? 'none';
      });
    const { url } = await open(listener);
    const ids = ['a', 'b', 'c'];
    const texts = await Promise.all(ids.map(async (id) => (await fetch(url, { headers: { 'x-request-id': id } })).text()));
    await until(() => seen.length === 3);
    expect([texts, seen.sort(), currentRequest.get()]).toEqual([ids, ids, undefined]);
  });
});
