import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadList } from '../../src/reply/head.ts';

const name = fc.constantFrom('x-a', 'X-A', 'x-b', 'Set-Cookie', 'set-cookie', 'ETag');
const value = fc.stringMatching(/^[\t -~\x80-\xff]{0,8}$/);
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), name, value }),
  fc.record({ kind: fc.constant('append' as const), name, value }),
  fc.record({ kind: fc.constant('delete' as const), name, value }),
);

describe('head as a map of lists', () => {
  it('holds the same values under the same names as a naive map', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const head = new HeadList({ lateWrites: 0 });
        const model = new Map<string, string[]>();
        for (const { kind, name, value } of steps) {
          const key = name.toLowerCase();
          if (kind === 'set') model.set(key, [value]);
          else if (kind === 'append') model.set(key, [...(model.get(key) ?? []), value]);
          else model.delete(key);
          if (kind === 'delete') head.delete(name);
          else head[kind](name, value);
          expect(head.get(name)).toBe(model.get(key)?.join(', '));
        }
        const list = head.seal();
        const sent = new Map<string, string[]>();
        for (let at = 0; at < list.length; at += 2) {
          const key = list[at] ?? '';
          sent.set(key, [...(sent.get(key) ?? []), list[at + 1] ?? '']);
        }
        expect([...sent].sort()).toEqual([...model].sort());
      }),
    );
  });

  it('takes a value exactly when node would send it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 6 }), (text) => {
        const head = new HeadList({ lateWrites: 0 });
        const safe = Array.from(text).every((char) => char === '\t' || (char >= ' ' && char <= '\xff' && char !== '\x7f'));
        if (safe) head.set('x-a', text);
        else expect(() => head.set('x-a', text)).toThrow(/header x-a/);
        expect(head.get('x-a')).toBe(safe ? text : undefined);
      }),
    );
  });
});
