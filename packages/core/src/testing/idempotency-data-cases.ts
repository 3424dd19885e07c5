import { expectEqual, expectTrue } from './contract-assert.ts';
import { type IdempotencyCase, LONG_MS, acquire, begin, define, done } from './idempotency-contract-kit.ts';

/** Texts that a collation, an escape or a normal form somewhere on the way would confuse. */
const TEXTS = [
  ...['plain', ' spaces  kept', 'a', 'A', 'a ', 'Straße', 'STRASSE', '\u00e9', 'e\u0301', '日本語 العربية', '🎉', '👩‍👩‍👧'],
  ...['quote \' " ` \\ %_', 'line\r\nbreak\ttab', '{x}', '[1]', 'a:b*c?', '\u0001\u007f\uffff', '__proto__', 'constructor'],
];

/** Keys, fingerprints and values come back exactly. */
export const dataCases: readonly IdempotencyCase[] = [
  define('keys are told apart exactly, whatever they are made of', async (key, a, b) => {
    const keys = TEXTS.map((text) => `${key} ${text}`);
    for (const [i, name] of keys.entries()) await a.complete(name, await acquire(a, name, 'one'), `${i}`, LONG_MS);
    for (const [i, name] of keys.entries()) expectEqual(await begin(b, name, 'two'), done(`${i}`), `value of ${JSON.stringify(name)}`);
  }),
  define('keys with a meaning in JavaScript are keys like any other', async (_, a, b) => {
    for (const key of ['__proto__', 'constructor', 'hasOwnProperty']) {
      expectEqual(await a.complete(key, await acquire(a, key, 'one'), key, LONG_MS), true, `complete of ${key}`);
      expectEqual(await begin(b, key, 'two'), done(key), `value of ${key}`);
    }
  }),
  define('keys of 512 characters fit and are told apart to the last', async (key, a) => {
    const stem = `${key}${'🎉'.repeat((510 - key.length) >> 1)}`.padEnd(510, '.');
    for (const [i, name] of [`${stem}ab`, `${stem}ac`].entries()) await a.complete(name, await acquire(a, name, 'one'), `${i}`, LONG_MS);
    expectEqual(await begin(a, `${stem}ab`, 'two'), done('0'), 'value of the first');
    expectEqual(await begin(a, `${stem}ac`, 'two'), done('1'), 'value of the second');
  }),
  define('fingerprints and values come back exactly, the empty ones too', async (key, a, b) => {
    for (const [i, text] of ['', ...TEXTS].entries()) {
      const reply = await a.begin(`${key} ${i}`, { owner: 'one', fingerprint: text, leaseMs: LONG_MS });
      expectTrue(reply.state === 'acquired', 'the key to be acquired');
      expectEqual((await begin(b, `${key} ${i}`, 'two')).state, 'busy', 'state of the key');
      await a.complete(`${key} ${i}`, reply.fence, text, LONG_MS);
      expectEqual(await begin(b, `${key} ${i}`, 'two'), done(text, text), `what is stored for ${JSON.stringify(text)}`);
    }
  }),
  define('a value of a million characters comes back exactly', async (key, a, b) => {
    const value = 'välue🎉,"\\'.repeat(100_000);
    expectTrue(await a.complete(key, await acquire(a, key, 'one'), value, LONG_MS), 'complete');
    const reply = await begin(b, key, 'two');
    expectTrue(reply.state === 'done' && reply.value === value, 'the same value');
  }),
];
