import { createVirtualClock } from '@tunic/core/testing';
import { describe, expect, it } from 'vitest';
import { type Outcome, type RunningServer, createStack } from '../../src/index.ts';
import { RawClient, get } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';
import { connectionsOf, useServers } from '../support/use-servers.ts';

const open = useServers();

async function connected(server: RunningServer, count: number): Promise<void> {
  let now = -1;
  await until(() => {
    void connectionsOf(server).then((connections) => (now = connections));
    return now === count;
  }, () => `${count} connections`);
}

/** A stack whose requests wait until they are let go. */
function gated(clock = createVirtualClock()) {
  const gates: (() => void)[] = [];
  const ends: Outcome[] = [];
  const reasons: unknown[] = [];
  const logger = recordingLogger();
  const listener = createStack({ clock, logger }).listener(async (ctx) => {
    ctx.onEnd((outcome) => void ends.push(outcome));
    ctx.signal.addEventListener('abort', () => void reasons.push(ctx.signal.reason));
    if (ctx.path !== '/now') await new Promise<void>((resolve) => gates.push(resolve));
    return 'done';
  });
  return { clock, listener, gates, ends, reasons, logger };
}

describe('drain', () => {
  it('ends idle, silent and half-sent connections at once, and waits for none of them', async () => {
    const { clock, listener } = gated();
    const server = await open(listener, { clock });
    const idle = new RawClient(server.port, get('/now'));
    await idle.hears('done');
    const silent = new RawClient(server.port);
    const halfLine = new RawClient(server.port, 'GET / HT');
    const halfHead = new RawClient(server.port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    await connected(server, 4);
    await server.close();
    await Promise.all([idle, silent, halfLine, halfHead].map((client) => client.whole()));
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets a request in flight end, tells its client to close, and accepts nothing new', async () => {
    const { clock, listener, gates, ends } = gated();
    const server = await open(listener, { clock });
    const busy = new RawClient(server.port, get('/'));
    await until(() => gates.length === 1);
    const closing = server.close();
    expect(server.ready).toBe(false);
    await until(() => !server.server.listening);
    const refused = new RawClient(server.port, get('/now'));
    expect(await refused.whole()).toBe('');
    gates[0]?.();
    expect(await busy.whole()).toMatch(/connection: close[^]*done/i);
    await closing;
    expect(ends).toEqual(['finished']);
  });

  it('closes a connection whose streamed reply had promised to keep it', async () => {
    let go: (() => void) | undefined;
    const server = await open(async function* () {
      yield 'begin ';
      await new Promise<void>((resolve) => (go = resolve));
      yield 'end';
    });
    const client = new RawClient(server.port, get('/'));
    await client.hears(/keep-alive[^]*begin/i);
    const closing = server.close();
    await until(() => go !== undefined && !server.server.listening);
    go?.();
    expect(await client.whole()).toMatch(/end\r\n0\r\n\r\n$/);
    await closing;
  });

  it('serves no further request on a connection that it closes', async () => {
    const { clock, listener, gates } = gated();
    const server = await open(listener, { clock });
    const client = new RawClient(server.port, get('/'));
    await until(() => gates.length === 1);
    const closing = server.close();
    await until(() => !server.server.listening);
    gates[0]?.();
    await client.hears('done');
    client.send(get('/now'));
    expect((await client.whole()).match(/HTTP\/1\.1/g)).toHaveLength(1);
    await closing;
  });

  it('goes on serving during its delay, not ready, and closes each connection after its reply', async () => {
    const { clock, listener } = gated();
    const server = await open(listener, { clock, drain: { delay: '5s' } });
    const closing = server.close();
    expect(server.ready).toBe(false);
    expect(await new RawClient(server.port, get('/now')).whole()).toMatch(/^HTTP\/1\.1 200[^]*connection: close/i);
    expect(server.server.listening).toBe(true);
    await clock.advance('5s');
    await closing;
    expect(server.server.listening).toBe(false);
  });

  it('waits for the work after a reply', async () => {
    let finish: (() => void) | undefined;
    const listener = createStack().listener((ctx) => {
      ctx.after(() => new Promise<void>((resolve) => (finish = resolve)));
      return 'ok';
    });
    const server = await open(listener);
    await (await fetch(server.url)).text();
    let closed = false;
    const closing = server.close().then(() => (closed = true));
    await until(() => finish !== undefined && !server.server.listening);
    await connected(server, 0);
    expect([closed, listener.stats.pendingWork]).toEqual([false, 1]);
    finish?.();
    await closing;
  });

  it('waits for a handler that still works though its client left', async () => {
    const { clock, listener, gates } = gated();
    const server = await open(listener, { clock });
    const client = new RawClient(server.port, get('/'));
    await until(() => gates.length === 1);
    client.leave();
    await connected(server, 0);
    let closed = false;
    const closing = server.close().then(() => (closed = true));
    await until(() => !server.server.listening);
    expect(closed).toBe(false);
    gates[0]?.();
    await closing;
  });

  it('destroys what is left when the grace is over, and aborts its signals', async () => {
    const { clock, listener, gates, ends, reasons, logger } = gated();
    let workReason: unknown;
    let working = false;
    const slow = createStack({ clock, logger }).listener((ctx) => {
      if (ctx.path !== '/work') {
        listener(ctx.raw.req, ctx.raw.res);
        return undefined;
      }
      ctx.after((signal) => {
        working = true;
        return new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => {
            workReason = signal.reason;
            resolve();
          }),
        );
      });
      return 'ok';
    });
    const server = await open(slow, { clock, logger, drain: { grace: '3s' } });
    const slowloris = new RawClient(server.port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    await until(() => gates.length === 1);
    await (await fetch(`${server.url}/work`)).text();
    await until(() => working);
    const closing = server.close();
    await until(() => clock.pendingTimers > 0);
    await clock.advance(2_999);
    expect(slowloris.closed).toBe(false);
    await clock.advance(1);
    await closing;
    await slowloris.whole();
    expect(workReason).toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    expect([ends, reasons.length, clock.pendingTimers]).toEqual([['aborted'], 1, 0]);
    expect(logger.lines.map((line) => line.message)).toContain('drain forced');
    gates[0]?.();
  });

  it('gives the signal of a forced request the reason ERR_TUNIC_CLOSED', async () => {
    const { clock, listener, gates, reasons } = gated();
    const server = await open(listener, { clock });
    const client = new RawClient(server.port, get('/'));
    await until(() => gates.length === 1);
    await server.close({ grace: 0 });
    await client.whole();
    expect(reasons).toEqual([expect.objectContaining({ code: 'ERR_TUNIC_CLOSED' })]);
    gates[0]?.();
  });

  it('is one, however often it is asked for, and a shorter grace hurries it', async () => {
    const { clock, listener, gates } = gated();
    const server = await open(listener, { clock });
    new RawClient(server.port, get('/'));
    await until(() => gates.length === 1);
    const first = server.close();
    const second = server.close();
    expect(second).toBe(first);
    await until(() => !server.server.listening);
    await Promise.all([first, server.close({ grace: 0 })]);
    await server.close();
    await server[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
    gates[0]?.();
  });

  it('is cut short during its delay by a grace of zero', async () => {
    const { clock, listener } = gated();
    const server = await open(listener, { clock, drain: { delay: '1h' } });
    const closing = server.close();
    void server.close({ grace: 0 });
    await closing;
    expect(clock.pendingTimers).toBe(0);
  });

  it('reads on for a client that still sends when its reply closes the connection', async () => {
    const server = await open(async (ctx) => {
      void server.close();
      await until(() => !server.server.listening);
      ctx.status = 401;
      return 'no';
    });
    const client = new RawClient(server.port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n');
    for (let sent = 0; sent < 200; sent += 1) client.send('x'.repeat(100_000));
    expect(await client.whole()).toMatch(/^HTTP\/1\.1 401[^]*no$/);
    expect(client.error).toBeUndefined();
  });
});
