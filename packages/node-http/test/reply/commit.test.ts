import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Body, HttpContext } from '../../src/index.ts';
import { RawClient, get } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { useServers } from '../support/use-servers.ts';

const open = useServers();

async function* pieces(...texts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const text of texts) yield await Promise.resolve(text);
}

function rawGet(port: number, method = 'GET'): Promise<string> {
  return new RawClient(port, get('/', 'Connection: close\r\n').replace('GET', method)).whole();
}

describe('body', () => {
  it.each<[string, () => Body, string, string]>([
    ['a text', () => 'häl', 'text/plain; charset=utf-8', 'häl'],
    ['an empty text', () => '', 'text/plain; charset=utf-8', ''],
    ['bytes', () => new Uint8Array([104, 105]), 'application/octet-stream', 'hi'],
    ['an object', () => ({ a: [1, null] }), 'application/json; charset=utf-8', '{"a":[1,null]}'],
    ['an array', () => [1, 'ü'], 'application/json; charset=utf-8', '[1,"ü"]'],
    ['a number', () => 0, 'application/json; charset=utf-8', '0'],
    ['false', () => false, 'application/json; charset=utf-8', 'false'],
    ['null', () => null, 'application/json; charset=utf-8', 'null'],
    ['a node stream', () => Readable.from(['a', 'b']), 'application/octet-stream', 'ab'],
    ['an empty node stream', () => Readable.from([]), 'application/octet-stream', ''],
    ['an async generator', () => pieces('a', new Uint8Array([98]), ''), 'application/octet-stream', 'ab'],
    ['a web stream', () => new Blob(['web']).stream() as AsyncIterable<Uint8Array>, 'application/octet-stream', 'web'],
  ])('%s is sent with its type, returned or set', async (_, make, type, text) => {
    for (const handler of [make, (ctx: HttpContext) => void (ctx.body = make())]) {
      const { url } = await open(handler);
      const reply = await fetch(url);
      expect([reply.status, reply.headers.get('content-type'), await reply.text()]).toEqual([200, type, text]);
    }
  });

  it('states the length of whole bodies in bytes, whatever was staged', async () => {
    const { url } = await open((ctx) => {
      ctx.head.set('content-length', 99);
      return 'ä';
    });
    const reply = await fetch(url);
    expect([reply.headers.get('content-length'), await reply.text()]).toEqual(['2', 'ä']);
  });

  it('keeps a content type that was set and several cookies apart', async () => {
    const { url } = await open((ctx) => {
      ctx.head.set('content-type', 'text/csv');
      ctx.head.append('set-cookie', 'a=1');
      ctx.head.append('set-cookie', 'b=2');
      return 'a,b';
    });
    const { headers } = await fetch(url);
    expect([headers.get('content-type'), headers.getSetCookie()]).toEqual(['text/csv', ['a=1', 'b=2']]);
  });

  it.each([
    ['a text', () => 'hello', '5'],
    ['JSON', () => ({ a: 1 }), '7'],
    ['a stream', () => pieces('x'), undefined],
  ])('answers HEAD for %s with the head of GET and no body', async (_, handler, length) => {
    const { port } = await open(handler);
    const text = await rawGet(port, 'HEAD');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
    expect(/content-length: (\d+)/i.exec(text)?.[1]).toBe(length);
  });

  it.each([
    [204, 'text'],
    [204, 'stream'],
    [304, 'text'],
    [304, 'stream'],
  ])('sends %d with no body and no length though a %s was given', async (status, kind) => {
    const { port } = await open((ctx) => {
      ctx.status = status;
      ctx.head.set('content-length', 5);
      ctx.head.set('etag', '"1"');
      return kind === 'text' ? 'hello' : pieces('hello');
    });
    const text = await rawGet(port);
    expect(text).toMatch(/etag: "1"[^]*\r\n\r\n$/);
    expect(text).not.toMatch(/content-length|transfer-encoding|hello/i);
  });

  it('sends 205 with a length of zero', async () => {
    const { port } = await open((ctx) => {
      ctx.status = 205;
      return 'hello';
    });
    expect(await rawGet(port)).toMatch(/content-length: 0\r\n[^]*\r\n\r\n$/i);
  });

  it('releases the stream that HEAD or a bodyless status leaves unread', async () => {
    const source = Readable.from(['x']);
    const { port } = await open(() => source);
    await rawGet(port, 'HEAD');
    expect(source.destroyed).toBe(true);
  });
});

describe('stream', () => {
  it('waits for a slow client instead of buffering', async () => {
    let produced = 0;
    const piece = new Uint8Array(64 * 1024);
    const { port } = await open(async function* () {
      for (; produced < 2_000; produced += 1) yield await Promise.resolve(piece);
    });
    const client = new RawClient(port);
    client.socket.pause();
    client.send(get('/', 'Connection: close\r\n'));
    let before = -1;
    let turns = 0;
    // It has come to rest when a hundred turns bring nothing new.
    await until(() => {
      const resting = produced > 0 && produced === before && ++turns > 100;
      if (produced !== before) turns = 0;
      before = produced;
      return resting;
    });
    expect(produced).toBeLessThan(400);
    client.socket.resume();
    const text = await client.whole();
    expect(produced).toBe(2_000);
    expect(text.length).toBeGreaterThan(2_000 * piece.length);
  });

  it.each(['async generator', 'node stream'])('of an %s that fails in the middle breaks the connection and tells outcome and log', async (kind) => {
    const error = new Error('disk gone');
    const ends: unknown[] = [];
    const failing = async function* (): AsyncGenerator<string> {
      yield 'first';
      await turn();
      throw error;
    };
    const { port } = await open((ctx) => {
      ctx.onEnd((outcome, thrown) => void ends.push(outcome, thrown));
      return kind === 'node stream' ? Readable.from(failing()) : failing();
    });
    const text = await new RawClient(port, get('/')).whole();
    await until(() => ends.length > 0);
    expect(text).toMatch(/^HTTP\/1\.1 200/);
    // Without the last chunk, no client takes the reply for complete.
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(ends).toEqual(['error', error]);
  });

  it('that opens a missing file is answered 500', async () => {
    const { createReadStream } = await import('node:fs');
    const { url } = await open(() => createReadStream('/nowhere/at/all'));
    expect((await fetch(url)).status).toBe(500);
  });

  it.each([
    ['more', '123456'],
    ['fewer', '12'],
  ])('with %s bytes than its content-length breaks the connection', async (_, text) => {
    const ends: unknown[] = [];
    const { port } = await open((ctx) => {
      ctx.onEnd((outcome) => void ends.push(outcome));
      ctx.head.set('content-length', 4);
      return pieces(text);
    });
    const reply = await new RawClient(port, get('/') + get('/next')).whole();
    await until(() => ends.length > 0);
    expect(ends[0]).toBe('error');
    expect(reply.split('\r\n\r\n')[1]?.length ?? 0).toBeLessThan(4);
    expect(reply.match(/HTTP\/1\.1/g)?.length ?? 0).toBeLessThan(2);
  });

  it('with exactly its content-length goes out without chunks', async () => {
    const { port } = await open((ctx) => {
      ctx.head.set('content-length', 4);
      return pieces('12', '34');
    });
    const text = await rawGet(port);
    expect(text).toMatch(/\r\n\r\n1234$/);
    expect(text).not.toMatch(/transfer-encoding/i);
  });

  it('of anything but text and bytes is an error', async () => {
    const { port } = await open(() => Readable.from([{ a: 1 }]));
    const text = await new RawClient(port, get('/')).whole();
    expect(text).not.toMatch(/\[object/);
  });
});
