import { describe, expect, it } from 'vitest';
import { type HttpContext, createStack } from '../../src/index.ts';
import { RawClient, get } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';
import { useServers } from '../support/use-servers.ts';

const open = useServers();

function writeAll(ctx: HttpContext): void {
  ctx.status = 201;
  ctx.body = 'late';
  ctx.head.set('x-late', '1');
}

describe('writes that come too late', () => {
  it('through the context do nothing and are counted', async () => {
    let go: (() => void) | undefined;
    const listener = createStack().listener((ctx) => {
      go = () => writeAll(ctx);
      return 'ok';
    });
    const { url } = await open(listener);
    const reply = await fetch(url);
    expect([reply.status, await reply.text()]).toEqual([200, 'ok']);
    go?.();
    expect(listener.stats.lateWrites).toBe(3);
  });

  it('through the raw reply, after its end, cannot crash the process', async () => {
    const listener = createStack().listener((ctx) => {
      const { res } = ctx.raw;
      res.end('raw');
      ctx.onEnd(() => {
        res.write('zombie');
        res.end('zombie');
      });
      res.write('double');
    });
    const server = await open(listener);
    expect(await (await fetch(server.url)).text()).toBe('raw');
    await until(() => listener.stats.active === 0 && listener.stats.lateWrites >= 1);
  });

  it('through the raw reply, after the client left, cannot crash the process', async () => {
    let context: HttpContext | undefined;
    const logger = recordingLogger();
    const listener = createStack({ logger }).listener(async (ctx) => {
      context = ctx;
      await new Promise<void>((resolve) => ctx.onEnd(() => resolve()));
      writeAll(ctx);
      ctx.raw.res.setHeader('x', 'y');
      ctx.raw.res.writeHead(200);
      ctx.raw.res.write('zombie');
      ctx.raw.res.end('zombie');
      ctx.raw.res.setHeader('x', 'too late');
    });
    const { port } = await open(listener);
    const client = new RawClient(port, get('/'));
    await until(() => context !== undefined);
    client.leave();
    await until(() => listener.stats.active === 0);
    expect(listener.stats.lateWrites).toBeGreaterThanOrEqual(3);
    expect(logger.lines.map((line) => line.message)).toEqual(['request failed after it had ended']);
  });
});

describe('a handler that writes the raw reply itself', () => {
  it('is left in peace, at once or later', async () => {
    const { url } = await open((ctx) => {
      const { res } = ctx.raw;
      if (ctx.path === '/now') res.writeHead(202).end('now');
      else setImmediate(() => res.writeHead(203).end('later'));
    });
    const now = await fetch(`${url}/now`);
    const later = await fetch(`${url}/later`);
    expect([now.status, await now.text(), later.status, await later.text()]).toEqual([202, 'now', 203, 'later']);
  });

  it('and returns a body as well does not answer twice', async () => {
    const { port } = await open((ctx) => {
      ctx.raw.res.end('raw');
      return 'ours';
    });
    const text = await new RawClient(port, get('/', 'Connection: close\r\n')).whole();
    expect([text.includes('raw'), text.includes('ours')]).toEqual([true, false]);
  });

  it('and throws in the middle breaks its connection; after the end, only the log tells', async () => {
    const logger = recordingLogger();
    const listener = createStack({ logger }).listener((ctx) => {
      const { res } = ctx.raw;
      res.write('begun');
      if (ctx.path === '/end') res.end();
      throw new Error(ctx.path);
    });
    const { port } = await open(listener);
    const broken = await new RawClient(port, get('/middle')).whole();
    const ended = await new RawClient(port, get('/end', 'Connection: close\r\n')).whole();
    expect([broken.endsWith('0\r\n\r\n'), ended.endsWith('0\r\n\r\n')]).toEqual([false, true]);
    expect(logger.lines.map((line) => line.message)).toEqual(['reply broke off', 'request failed after its reply']);
  });

  it('and throws before it wrote is answered with a problem', async () => {
    const { url } = await open((ctx) => {
      ctx.raw.res.setHeader('x-a', '1');
      throw new Error('x');
    });
    expect((await fetch(url)).status).toBe(500);
  });
});
