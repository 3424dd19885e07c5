import { describe, expect, it } from 'vitest';
import { HeadList } from '../../src/reply/head.ts';

const createHead = (): HeadList => new HeadList({ lateWrites: 0 });

describe('head', () => {
  it('keeps one flat lower-case list in the order in which it was filled', () => {
    const head = createHead();
    head.set('X-B', 2);
    head.append('Set-Cookie', 'a=1');
    head.append('set-cookie', 'b=2');
    head.set('x-a', '1');
    expect(head.seal()).toEqual(['x-b', '2', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-a', '1']);
  });

  it.each(['a\r\nb: c', 'a\nb', 'a\rb', 'a\0b', 'a\u007fb', 'snow\u2603man'])('refuses the value %j when it is set', (value) => {
    const head = createHead();
    expect(() => head.set('x-a', value)).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_OPTION' }));
    expect(() => head.append('x-a', value)).toThrow(/header x-a/);
    expect(head.seal()).toEqual([]);
  });

  it.each(['', 'a b', 'a:b', 'a\r\n', 'ä', '(x)'])('refuses the name %j', (name) => {
    expect(() => createHead().set(name, 'x')).toThrow(/header name/);
    expect(() => createHead().append(name, 'x')).toThrow(/header name/);
  });

  it('refuses to add a line break through vary', () => {
    expect(() => createHead().vary('origin\r\nx: y')).toThrow(/header name/);
  });

  it.each(['Transfer-Encoding', 'keep-alive', 'upgrade', 'trailer'])('leaves %s to the server', (name) => {
    expect(() => createHead().set(name, 'chunked')).toThrow(/belong to the server/);
  });

  it('takes only close for connection and only digits for content-length', () => {
    const head = createHead();
    expect(() => head.set('connection', 'keep-alive')).toThrow(/"close"/);
    expect(() => head.set('content-length', '1, 2')).toThrow(/digits/);
    expect(() => head.set('content-length', -1)).toThrow(/digits/);
    head.set('connection', 'Close');
    head.set('content-length', 12);
    expect(head.get('Content-Length')).toBe('12');
  });

  it('never states two lengths', () => {
    const head = createHead();
    head.append('content-length', '1');
    head.append('content-length', '2');
    expect(head.seal()).toEqual(['content-length', '2']);
  });

  it('unites vary, without regard to case, until it is *', () => {
    const head = createHead();
    head.set('vary', 'Accept-Encoding');
    head.vary('Origin', 'accept-encoding', 'origin');
    expect(head.get('vary')).toBe('Accept-Encoding, Origin');
    head.vary('*');
    head.vary('Cookie');
    expect(head.get('vary')).toBe('*');
  });

  it('counts and ignores changes after the head was sent, and still refuses bad ones', () => {
    const counter = { lateWrites: 0 };
    const head = new HeadList(counter);
    head.set('x-a', '1');
    const sent = head.seal();
    head.set('x-a', '2');
    head.append('x-b', '2');
    head.delete('x-a');
    head.vary('origin');
    expect(sent).toEqual(['x-a', '1']);
    expect(counter.lateWrites).toBe(4);
    expect(() => head.set('x-a', 'a\nb')).toThrow(/header x-a/);
  });
});
