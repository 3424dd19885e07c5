import { createLifespan } from '@tunic/core';
import { createVirtualClock } from '@tunic/core/testing';
import { describe, expect, it } from 'vitest';
import { createStack, serve } from '../../src/index.ts';
import { RawClient, get } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';
import { useServers } from '../support/use-servers.ts';

const open = useServers();

function steps(seen: string[], fails?: string) {
  const lifespan = createLifespan();
  for (const name of ['pool', 'cache'])
    lifespan.add({
      name,
      start: () => {
        seen.push(`start ${name}`);
        if (fails === name) throw new Error(name);
      },
      stop: () => void seen.push(`stop ${name}`),
    });
  return lifespan;
}

describe('serve', () => {
  it('starts the lifespan before it listens and stops it after the drain', async () => {
    const seen: string[] = [];
    const server = await open(() => 'ok', { lifespan: steps(seen) });
    expect([server.ready, server.url, seen]).toEqual([true, `http://127.0.0.1:${server.port}`, ['start pool', 'start cache']]);
    expect(await (await fetch(server.url)).text()).toBe('ok');
    await server.close();
    expect(seen).toEqual(['start pool', 'start cache', 'stop cache', 'stop pool']);
  });

  it('rejects and leaves nothing behind when the lifespan does not start', async () => {
    const seen: string[] = [];
    const before = process.listenerCount('SIGTERM');
    await expect(serve(() => 'ok', { lifespan: steps(seen, 'cache') })).rejects.toMatchObject({ code: 'ERR_TUNIC_LIFESPAN' });
    expect(seen).toEqual(['start pool', 'start cache', 'stop pool']);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('stops the lifespan again when the port is taken', async () => {
    const seen: string[] = [];
    const { port } = await open(() => 'ok');
    const before = process.listenerCount('SIGTERM');
    await expect(serve(() => 'ok', { port, lifespan: steps(seen) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(seen.slice(2)).toEqual(['stop cache', 'stop pool']);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('rejects the close when the lifespan does not stop, and takes its signal handlers away all the same', async () => {
    const lifespan = createLifespan();
    lifespan.add({ name: 'bad', stop: () => Promise.reject(new Error('bad')) });
    const before = process.listenerCount('SIGUSR2');
    const server = await serve(() => 'ok', { lifespan, signals: ['SIGUSR2'] });
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
    await expect(server.close()).rejects.toMatchObject({ code: 'ERR_TUNIC_LIFESPAN' });
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });

  it('drains on the first signal and is forced down by the second', async () => {
    const clock = createVirtualClock();
    const logger = recordingLogger();
    let release: (() => void) | undefined;
    const listener = createStack({ clock }).listener(() => new Promise<undefined>((resolve) => (release = () => resolve(undefined))));
    const server = await open(listener, { clock, logger, signals: ['SIGUSR2', 'SIGWINCH'] });
    const client = new RawClient(server.port, get('/'));
    await until(() => release !== undefined);
    process.kill(process.pid, 'SIGUSR2');
    await until(() => !server.server.listening);
    expect([server.ready, client.closed]).toEqual([false, false]);
    process.kill(process.pid, 'SIGWINCH');
    await client.whole();
    await server.close();
    expect(logger.lines.map((line) => line.message)).toEqual(['listening', 'shutting down', 'shutting down at once', 'drain forced']);
    release?.();
  });

  it('rejects when a signal comes while it starts, and stops what was started', async () => {
    const seen: string[] = [];
    const lifespan = steps(seen);
    lifespan.add({ name: 'slow', start: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) });
    const serving = serve(() => 'ok', { lifespan, signals: ['SIGUSR2'] });
    await until(() => seen.length === 2);
    process.kill(process.pid, 'SIGUSR2');
    await expect(serving).rejects.toMatchObject({ code: 'ERR_TUNIC_CLOSED' });
    expect(seen.slice(2)).toEqual(['stop cache', 'stop pool']);
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });

  it('refuses bad options and listeners of others, by name', async () => {
    await expect(serve({} as never)).rejects.toThrow(/target/);
    await expect(serve(((req: unknown, res: unknown) => [req, res]) as never)).rejects.toThrow(/target/);
    await expect(serve(() => 'x', { drain: { grace: -1 } })).rejects.toThrow(/drain\.grace/);
    await expect(serve(() => 'x', { limits: { headersTimeout: 'x' as never } })).rejects.toThrow(/limits\.headersTimeout/);
    await expect(serve(() => 'x', { limits: { maxHeaderSize: -1 } })).rejects.toThrow(/limits\.maxHeaderSize/);
  });

  it('tells clients to close their connection after the allowed number of requests, and serves no further one', async () => {
    const { port } = await open(() => 'ok', { limits: { maxRequestsPerSocket: 1 } });
    const client = new RawClient(port, get('/'));
    await client.hears(/200 OK[^]*connection: close[^]*ok/i);
    client.send(get('/'));
    await client.hears(/HTTP\/1\.1 503/);
  });

  it('uses the address of IPv6 hosts in its url', async () => {
    const server = await open(() => 'ok', { host: '::1' });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    expect((await fetch(server.url)).status).toBe(200);
  });
});

describe('hostile clients', () => {
  it.each([
    ['a head over the limit', `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['length and chunks together', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['no HTTP at all', 'hello\r\n\r\n', 400],
  ])('with %s get an answer and hurt nobody', async (_, request, status) => {
    const { port, url } = await open(() => 'ok');
    const client = new RawClient(port, request);
    expect(await client.whole()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await fetch(url)).status).toBe(200);
  });

  it('that never finish their head are cut off', async () => {
    const { port } = await open(() => 'ok', { limits: { headersTimeout: '200ms' } });
    expect(await new RawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ').whole()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each([
    ['a header', 'x-a'],
    ['the content type', 'content-type'],
    ['a cookie', 'set-cookie'],
    ['a location', 'location'],
  ])('cannot put a line of their own into %s that echoes them', async (_, name) => {
    const { url, port } = await open((ctx) => {
      ctx.head.set(name, ctx.query.get('v') ?? '');
      return 'ok';
    });
    const text = await new RawClient(port, get('/?v=a%0d%0aX-Evil:%201', 'Connection: close\r\n')).whole();
    expect(text).toMatch(/^HTTP\/1\.1 500 /);
    expect(text).not.toMatch(/x-evil/i);
    expect((await fetch(`${url}/?v=fine`)).headers.get(name)).toBe('fine');
  });
});
