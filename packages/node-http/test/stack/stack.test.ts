import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type HttpContext, type HttpLayer, createStack, problem } from '../../src/index.ts';
import { RawClient, get } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { useServers } from '../support/use-servers.ts';

const open = useServers();

describe('stack', () => {
  it('runs layers in order around the handler and back in reverse', async () => {
    const seen: string[] = [];
    const layer = (name: string): HttpLayer => async (ctx, next) => {
      seen.push(`${name} in`);
      await next();
      seen.push(`${name} out ${ctx.status}`);
    };
    const listener = createStack()
      .use(layer('a'))
      .use(layer('b'))
      .listener((ctx) => {
        seen.push('handler');
        ctx.status = 201;
      });
    const { url } = await open(listener);
    expect((await fetch(url)).status).toBe(201);
    expect(seen).toEqual(['a in', 'b in', 'handler', 'b out 201', 'a out 201']);
  });

  it('lets a layer answer without calling further in', async () => {
    let reached = false;
    const listener = createStack()
      .use((ctx) => void (ctx.body = 'short'))
      .listener(() => void (reached = true));
    const { url } = await open(listener);
    expect(await (await fetch(url)).text()).toBe('short');
    expect(reached).toBe(false);
  });

  it('carries typed state from layers to the handler', async () => {
    const authenticate: HttpLayer<{ user: string }> = (ctx, next) => {
      ctx.state.user = 'ada';
      return next();
    };
    const listener = createStack().use(authenticate).listener((ctx) => ctx.state.user.toUpperCase());
    const { url } = await open(listener);
    expect(await (await fetch(url)).text()).toBe('ADA');
  });

  it('builds the onion once: layers added later do not count', async () => {
    const stack = createStack().use((_, next) => next(), { name: 'first' });
    const listener = stack.listener(() => 'ok');
    stack.use(() => Promise.reject(new Error('late')), { name: 'second' });
    const { url } = await open(listener);
    expect((await fetch(url)).status).toBe(200);
    expect(stack.layers).toEqual(['first', 'second']);
  });

  it('runs under a plain http.createServer', async () => {
    const server = createServer(createStack().listener((ctx) => ({ path: ctx.path })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}/a`)).json()).toEqual({ path: '/a' });
    await new Promise((resolve) => server.close(resolve));
  });

  it('refuses layers and handlers that are no functions', () => {
    expect(() => createStack().use('x' as never)).toThrow(/layer: expected a function/);
    expect(() => createStack().listener({} as never)).toThrow(/handler: expected a function/);
  });

  it('answers 500 when a layer calls next twice', async () => {
    const logger = recordingLogger();
    const listener = createStack({ logger })
      .use(async (_, next) => {
        await next();
        await next();
      })
      .listener(() => 'ok');
    const { url } = await open(listener);
    expect((await fetch(url)).status).toBe(500);
    expect(logger.lines[0]?.fields['err']).toMatchObject({ code: 'ERR_TUNIC_NEXT_TWICE' });
  });

  it('answers 404 when nobody answers, and an empty 200 when only the status was set', async () => {
    const { url } = await open((ctx) => {
      if (ctx.path === '/set') ctx.status = 200;
    });
    const missing = await fetch(`${url}/x`);
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ status: 404, title: 'Not Found', type: 'about:blank' });
    const set = await fetch(`${url}/set`);
    expect([set.status, set.headers.get('content-length'), await set.text()]).toEqual([200, '0', '']);
  });

  it('takes what a thenable that is no promise gives', async () => {
    // eslint-style query builders are such thenables.
    const query = { then: (resolve: (rows: number[]) => void) => resolve([1, 2]) };
    const { url } = await open(() => query);
    expect(await (await fetch(url)).json()).toEqual([1, 2]);
  });

  it('refuses a status that cannot end a request', async () => {
    const errors: unknown[] = [];
    const { url } = await open((ctx) => {
      for (const status of [101, 600, 200.5, NaN])
        try {
          ctx.status = status;
        } catch (error) {
          errors.push((error as { code: string }).code);
        }
      return 'ok';
    });
    expect((await fetch(url)).status).toBe(200);
    expect(errors).toEqual(Array(4).fill('ERR_TUNIC_OPTION'));
  });

  it('answers pipelined requests in order', async () => {
    const gates = new Map<string, () => void>();
    const { port } = await open(async (ctx) => {
      if (ctx.path === '/1') await new Promise<void>((resolve) => gates.set('/1', resolve));
      else gates.get('/1')?.();
      return `<${ctx.path}>`;
    });
    const client = new RawClient(port, get('/1') + get('/2') + get('/3', 'Connection: close\r\n'));
    const text = await client.whole();
    expect(text.match(/<\/\d>/g)).toEqual(['</1>', '</2>', '</3>']);
  });
});

describe('request', () => {
  const facts = (ctx: HttpContext): object => ({
    method: ctx.method,
    path: ctx.path,
    q: ctx.query.getAll('q'),
    rawUrl: ctx.rawUrl,
    ip: ctx.ip,
    accept: ctx.header('ACCEPT'),
    missing: ctx.header('x-none') ?? null,
  });

  it('shows method, decoded path, query, address and headers', async () => {
    const { url } = await open(facts);
    const reply = await fetch(`${url}/caf%C3%A9/a%20b?q=1&q=%26`, { headers: { accept: 'x/y', 'x-forwarded-for': '6.6.6.6' } });
    expect(await reply.json()).toEqual({
      method: 'GET',
      path: '/café/a b',
      q: ['1', '&'],
      rawUrl: '/caf%C3%A9/a%20b?q=1&q=%26',
      ip: '127.0.0.1',
      accept: 'x/y',
      missing: null,
    });
  });

  it('decodes once, never twice', async () => {
    const { url } = await open((ctx) => ctx.path);
    expect(await (await fetch(`${url}/%2561%252F`)).text()).toBe('/%61%2F');
  });

  it.each(['/%', '/%zz', '/%C3%28', '/%ff', '/a%00b', '/a%0d%0ab', '/caf\xe9', '/a#b'])('answers 400 to the target %s before any layer runs', async (path) => {
    let ran = false;
    const listener = createStack()
      .use((_, next) => {
        ran = true;
        return next();
      })
      .listener(() => 'ok');
    const { port } = await open(listener);
    const text = await new RawClient(port, get(path, 'Connection: close\r\n')).whole();
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(ran).toBe(false);
  });

  it('answers 400 to two Host lines', async () => {
    const { port } = await open(() => 'ok');
    const text = await new RawClient(port, get('/', 'hOst: y\r\nConnection: close\r\n')).whole();
    expect(text).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json/);
  });

  it.each([
    ['http://other/a?b', '/a'],
    ['http://other', '/'],
    ['http://other?x', '/'],
    ['//a//b', '//a//b'],
  ])('reads the path of the target %s as %s', async (target, path) => {
    const { port } = await open((ctx) => `<${ctx.path}>`);
    expect(await new RawClient(port, get(target, 'Connection: close\r\n')).whole()).toContain(`<${path}>`);
  });

  it('has a fresh random id unless a layer set it', async () => {
    const { url } = await open((ctx) => ctx.id);
    const ids = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()));
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('hooks', () => {
  it('runs head hooks once before the head is sent, inner ones first, also for errors', async () => {
    const stack = (fails: boolean) =>
      createStack()
        .use((ctx, next) => {
          ctx.onHead((head) => head.append('x-order', 'outer'));
          return next();
        })
        .use((ctx, next) => {
          ctx.onHead((head) => head.append('x-order', 'inner'));
          return next();
        })
        .listener(() => {
          if (fails) throw problem(409);
          return 'ok';
        });
    for (const fails of [false, true]) {
      const { url } = await open(stack(fails));
      const reply = await fetch(url);
      expect([reply.status, reply.headers.get('x-order')]).toEqual([fails ? 409 : 200, 'inner, outer']);
    }
  });

  it('answers 500 when a head hook throws, and still runs the others', async () => {
    const listener = createStack()
      .use((ctx, next) => {
        ctx.onHead((head) => head.set('x-outer', '1'));
        return next();
      })
      .listener((ctx) => {
        ctx.onHead(() => {
          throw new Error('hook');
        });
        return 'secret';
      });
    const { url } = await open(listener);
    const reply = await fetch(url);
    expect([reply.status, reply.headers.get('x-outer')]).toEqual([500, '1']);
    expect(await reply.text()).not.toContain('secret');
  });

  it('runs end hooks exactly once, one that is late at once, and survives what they throw', async () => {
    const logger = recordingLogger();
    const seen: string[] = [];
    let kept: HttpContext | undefined;
    const listener = createStack({ logger }).listener((ctx) => {
      kept = ctx;
      ctx.onEnd(() => {
        throw new Error('hook');
      });
      ctx.onEnd((outcome, error) => void seen.push(`${outcome} ${String(error)}`));
      return 'ok';
    });
    const server = await open(listener);
    await (await fetch(server.url)).text();
    await server.close();
    kept?.onEnd((outcome) => void seen.push(`late ${outcome}`));
    expect(seen).toEqual(['finished undefined', 'late finished']);
    expect(logger.lines.map((line) => line.message)).toEqual(['hook onEnd failed']);
  });
});
