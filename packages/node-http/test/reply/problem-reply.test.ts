import { TunicError, type TunicErrorCode } from '@tunic/core';
import { describe, expect, it } from 'vitest';
import { createStack, isProblem, problem, requestId } from '../../src/index.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { useServers } from '../support/use-servers.ts';

const open = useServers();

async function answerTo(error: unknown) {
  const logger = recordingLogger();
  const seen: unknown[] = [];
  const listener = createStack({ logger, onError: (thrown) => void seen.push(thrown) })
    .use(requestId())
    .listener(() => {
      throw error;
    });
  const { url } = await open(listener);
  const reply = await fetch(url);
  const text = await reply.text();
  return { reply, text, body: JSON.parse(text) as Record<string, unknown>, lines: logger.lines, seen };
}

describe('problem', () => {
  it('is answered as it says, as application/problem+json with the request id', async () => {
    const { reply, body, lines } = await answerTo(problem(409, 'Taken.', { type: 'https://x/taken', title: 'Name taken', instance: '/n/1', name: 'ada' }));
    expect(reply.status).toBe(409);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(body).toEqual({
      type: 'https://x/taken',
      title: 'Name taken',
      status: 409,
      detail: 'Taken.',
      instance: '/n/1',
      name: 'ada',
      requestId: reply.headers.get('x-request-id'),
    });
    expect(lines.map((line) => line.level)).toEqual(['debug']);
  });

  it('cannot fake status or request id through its fields', async () => {
    const { reply, body } = await answerTo(problem(400, undefined, { status: 200, requestId: 'fake' }));
    expect(body).toEqual({ type: 'about:blank', title: 'Bad Request', status: 400, requestId: reply.headers.get('x-request-id') });
  });

  it('becomes a bare reply of its status when its fields are no JSON', async () => {
    const { reply, body } = await answerTo(problem(422, 'x', { big: 1n }));
    expect(reply.status).toBe(500);
    expect(body).not.toHaveProperty('big');
  });

  it.each([399, 600, 200, NaN, 404.5])('refuses the status %d', (status) => {
    expect(() => problem(status)).toThrow(/status: expected a whole number from 400 to 599/);
  });

  it('is told from other errors, also one of another copy of the package', () => {
    const foreign = Object.assign(new TunicError('ERR_TUNIC_HTTP', 'x'), { status: 418, fields: {} });
    expect([problem(404), foreign, new TunicError('ERR_TUNIC_HTTP', 'x'), new Error('x'), null].map(isProblem)).toEqual([true, true, false, false, false]);
  });
});

describe('errors of the SDK', () => {
  it.each<[TunicErrorCode, number]>([
    ['ERR_TUNIC_TIMEOUT', 504],
    ['ERR_TUNIC_QUEUE_FULL', 503],
    ['ERR_TUNIC_STORE_BUSY', 503],
    ['ERR_TUNIC_CLOSED', 503],
    ['ERR_TUNIC_STORE_FULL', 507],
    ['ERR_TUNIC_IDEMPOTENCY_MISMATCH', 422],
    ['ERR_TUNIC_IDEMPOTENCY_IN_PROGRESS', 409],
    ['ERR_TUNIC_TASK_NOT_FOUND', 404],
    ['ERR_TUNIC_STORE', 500],
    ['ERR_TUNIC_OPTION', 500],
  ])('%s is answered with %d and tells nothing of its message', async (code, status) => {
    const { reply, text } = await answerTo(new TunicError(code, 'table secret_users'));
    expect(reply.status).toBe(status);
    expect(text).not.toContain('secret');
    expect(reply.headers.has('retry-after')).toBe(false);
  });

  it.each([
    [1, '1'],
    [1500, '2'],
    [30_000, '30'],
  ])('states a known wait of %d ms as Retry-After: %s', async (retryAfterMs, header) => {
    const { reply } = await answerTo(new TunicError('ERR_TUNIC_QUEUE_FULL', 'full', { retryAfterMs }));
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, header]);
  });
});

describe('any other error', () => {
  it.each([
    ['an error', new Error('password=hunter2')],
    ['an error with a status of its own', Object.assign(new Error('hunter2'), { status: 418, statusCode: 418 })],
    ['a text', 'hunter2'],
    ['undefined', undefined],
    ['null', null],
    ['an object', { secret: 'hunter2' }],
    ['a frozen proxy that throws', new Proxy({}, { get: () => { throw new Error('trap'); } })],
  ])('%s is a bare 500, logged with the request id', async (_, thrown) => {
    const { reply, text, body, lines, seen } = await answerTo(thrown);
    expect(reply.status).toBe(500);
    expect(text).not.toContain('hunter2');
    expect(body).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500, requestId: reply.headers.get('x-request-id') });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'error', message: 'request failed', fields: { requestId: body['requestId'], method: 'GET', url: '/' } });
    expect(lines[0]?.fields['err'] === thrown).toBe(true);
    expect(seen[0] === thrown).toBe(true);
  });

  it('keeps headers of layers, such as CORS and Vary, and drops those of the body and cookies', async () => {
    const listener = createStack().listener((ctx) => {
      ctx.head.set('access-control-allow-origin', 'https://a');
      ctx.head.set('content-security-policy', "default-src 'none'");
      ctx.head.vary('Origin');
      for (const name of ['etag', 'cache-control', 'set-cookie', 'content-encoding', 'last-modified', 'content-disposition']) ctx.head.set(name, 'x');
      ctx.head.set('content-length', 4);
      throw new Error('x');
    });
    const { url } = await open(listener);
    const { headers } = await fetch(url);
    expect([headers.get('access-control-allow-origin'), headers.get('vary'), headers.has('content-security-policy')]).toEqual(['https://a', 'Origin', true]);
    expect(['etag', 'cache-control', 'set-cookie', 'content-encoding', 'last-modified', 'content-disposition'].filter((name) => headers.has(name))).toEqual([]);
  });

  it('survives a logger and an onError that throw', async () => {
    const bad = (): never => {
      throw new Error('bad');
    };
    const logger = { debug: bad, info: bad, warn: bad, error: bad, child: bad };
    const { url } = await open(createStack({ logger, onError: bad }).listener(bad));
    expect((await fetch(url)).status).toBe(500);
  });

  it.each(['sync layer', 'async layer', 'after next', 'handler', 'async handler', 'toJSON', 'stream start', 'returned promise'])('is answered when thrown in: %s', async (stage) => {
    const error = new Error(stage);
    const at = (name: string): void => {
      if (name === stage) throw error;
    };
    const listener = createStack()
      .use((_, next) => {
        at('sync layer');
        return next();
      })
      .use(async (_, next) => {
        await Promise.resolve();
        at('async layer');
        await next();
        at('after next');
      })
      .listener((ctx) => {
        at('handler');
        if (stage === 'returned promise') return Promise.reject(error);
        if (stage === 'toJSON') return { toJSON: () => at('toJSON') };
        if (stage === 'stream start')
          return (async function* () {
            await Promise.resolve();
            at('stream start');
            yield 'x';
          })();
        return Promise.resolve().then(() => {
          at('async handler');
          ctx.body = 'ok';
        });
      });
    const { url } = await open(listener);
    const reply = await fetch(url);
    expect([reply.status, await reply.json()]).toEqual([500, expect.objectContaining({ status: 500 })]);
  });

  it('lets an outer layer catch it and answer', async () => {
    const listener = createStack()
      .use(async (ctx, next) => {
        try {
          await next();
        } catch {
          ctx.body = 'caught';
        }
      })
      .listener(() => {
        throw new Error('x');
      });
    const { url } = await open(listener);
    expect(await (await fetch(url)).text()).toBe('caught');
  });
});
