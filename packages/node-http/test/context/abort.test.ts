import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Handler, type HttpContext, type Outcome, bodyStream, createStack, readBody } from '../../src/index.ts';
import { RawClient, get, post } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';
import { connectionsOf, useServers } from '../support/use-servers.ts';

const open = useServers();

/** Serves `handler` and keeps what each request's signal and end hooks saw. */
async function watched(handler: Handler) {
  const logger = recordingLogger();
  const contexts: HttpContext[] = [];
  const ends: Outcome[] = [];
  let aborts = 0;
  const listener = createStack({ logger })
    .use((ctx, next) => {
      contexts.push(ctx);
      ctx.signal.addEventListener('abort', () => void (aborts += 1));
      ctx.onEnd((outcome) => void ends.push(outcome));
      return next();
    })
    .listener(handler);
  const server = await open(listener);
  const nothingLeft = async (): Promise<void> => {
    let left = 1;
    await until(() => {
      void connectionsOf(server).then((count) => (left = count));
      return listener.stats.active === 0 && left === 0;
    });
  };
  return { server, port: server.port, logger, contexts, ends, aborts: () => aborts, nothingLeft, stats: listener.stats };
}

const untilAborted = (ctx: HttpContext): Promise<never> =>
  new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));

describe.each([
  ['closes', (client: RawClient) => client.leave()],
  ['resets', (client: RawClient) => client.reset()],
])('a client that %s its connection', (_, go) => {
  it('while the handler works ends the request as aborted, once, with no error in the log', async () => {
    const seen = await watched(untilAborted);
    const client = new RawClient(seen.port, get('/'));
    await until(() => seen.contexts.length === 1);
    go(client);
    await seen.nothingLeft();
    expect([seen.ends, seen.aborts(), seen.logger.lines]).toEqual([['aborted'], 1, []]);
    expect(seen.contexts[0]?.signal.reason).toMatchObject({ name: 'AbortError' });
  });

  it('before its body has begun rejects the reading with the reason of the signal', async () => {
    let reason: unknown;
    const seen = await watched(async (ctx) => {
      await readBody(ctx).catch((error: unknown) => {
        reason = error;
        throw error;
      });
    });
    const client = new RawClient(seen.port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n');
    await until(() => seen.contexts.length === 1);
    go(client);
    await seen.nothingLeft();
    expect([seen.ends, seen.aborts(), seen.logger.lines]).toEqual([['aborted'], 1, []]);
    expect(reason).toBe(seen.contexts[0]?.signal.reason);
  });

  it.each(['whole', 'stream'])('in the middle of its body ends the reading of the %s', async (kind) => {
    let reason: unknown;
    let got = 0;
    const seen = await watched(async (ctx) => {
      try {
        if (kind === 'whole') await readBody(ctx);
        else for await (const piece of bodyStream(ctx, { limit: Infinity })) got += (piece as Uint8Array).byteLength;
      } catch (error) {
        reason = error;
        throw error;
      }
    });
    const client = new RawClient(seen.port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    await until(() => seen.contexts[0]?.raw.req.socket.bytesRead === 60 || got === 3 || kind === 'whole');
    await until(() => seen.contexts.length === 1);
    go(client);
    await seen.nothingLeft();
    expect([seen.ends, seen.aborts(), seen.logger.lines]).toEqual([['aborted'], 1, []]);
    expect(reason).toBe(seen.contexts[0]?.signal.reason);
  });

  it('in the middle of the reply stops and releases the source', async () => {
    let cleaned = false;
    const seen = await watched(async function* () {
      try {
        for (;;) yield await Promise.resolve(new Uint8Array(16 * 1024));
      } finally {
        cleaned = true;
      }
    });
    const client = new RawClient(seen.port, get('/'));
    await client.hears('HTTP/1.1 200');
    go(client);
    await seen.nothingLeft();
    await until(() => cleaned);
    expect([seen.ends, seen.aborts(), seen.logger.lines]).toEqual([['aborted'], 1, []]);
  });

  it('releases a source that has nothing to give at the moment', async () => {
    const silent = new Readable({ read: () => undefined });
    silent.push('first');
    const seen = await watched(() => silent);
    const client = new RawClient(seen.port, get('/'));
    await client.hears('first');
    go(client);
    await seen.nothingLeft();
    expect([seen.ends, silent.destroyed, seen.logger.lines]).toEqual([['aborted'], true, []]);
  });

  it('while its request waits in a pipeline ends that one too', async () => {
    const seen = await watched(untilAborted);
    const client = new RawClient(seen.port, get('/1') + get('/2') + get('/3'));
    await until(() => seen.contexts.length === 3);
    go(client);
    await seen.nothingLeft();
    expect([seen.ends, seen.aborts(), seen.logger.lines]).toEqual([['aborted', 'aborted', 'aborted'], 3, []]);
  });

  it('before the handler is done gets no reply, and a stream that comes too late is released', async () => {
    const late = Readable.from(['x']);
    const seen = await watched(async (ctx) => {
      await untilAborted(ctx).catch(() => undefined);
      return late;
    });
    const client = new RawClient(seen.port, get('/'));
    await until(() => seen.contexts.length === 1);
    go(client);
    await seen.nothingLeft();
    expect([seen.ends, late.destroyed, seen.logger.lines, seen.stats.lateWrites]).toEqual([['aborted'], true, [], 1]);
  });
});

describe('a request that ends well', () => {
  it('never aborts its signal, read or unread, also when the client leaves after the reply', async () => {
    const seen = await watched(async (ctx) => (await readBody(ctx)).byteLength);
    const client = new RawClient(seen.port, post('/', 'abc'));
    await client.hears(/\r\n\r\n3$/);
    client.leave();
    await seen.nothingLeft();
    expect([seen.ends, seen.aborts(), seen.contexts[0]?.signal.aborted]).toEqual([['finished'], 0, false]);
  });

  it('makes no signal unless it is asked for, and then one that is aborted already where it should be', async () => {
    const contexts: HttpContext[] = [];
    const { port } = await open(async (ctx) => {
      contexts.push(ctx);
      await new Promise<void>((resolve) => ctx.onEnd(() => resolve()));
    });
    const client = new RawClient(port, get('/'));
    await until(() => contexts.length === 1);
    client.leave();
    await until(() => contexts[0]?.signal.aborted === true);
  });
});

describe('a handler that fails otherwise after its client left', () => {
  it('is logged', async () => {
    const error = new Error('own');
    const seen = await watched(async (ctx) => {
      await untilAborted(ctx).catch(() => undefined);
      throw error;
    });
    const client = new RawClient(seen.port, get('/'));
    await until(() => seen.contexts.length === 1);
    client.leave();
    await seen.nothingLeft();
    expect(seen.logger.lines.map((line) => [line.message, line.fields['err']])).toEqual([['request failed after it had ended', error]]);
  });
});
