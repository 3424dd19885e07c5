import type { CacheStore } from '../../limits/cache/cache-store.ts';
import { expectEqual, expectTrue } from '../contract-assert.ts';
import type { ContractCase } from '../contract.ts';
import { AWKWARD_TEXTS, LONG_MS, SHORT_MS, type StoreHarness, defineCase, defineTimedCase } from '../store-harness.ts';

/** What `cacheStoreContract` needs to know of a store. */
export type CacheStoreHarness = StoreHarness<CacheStore>;

/** One case of the contract. */
export type CacheCase = ContractCase<CacheStoreHarness>;

const LONG = { ttlMs: LONG_MS, staleMs: 0 };

async function valueOf(store: CacheStore, key: string): Promise<string | undefined> {
  return (await store.get(key))?.value;
}

/** What is kept, and what is forgotten. */
export const valueCases: readonly CacheCase[] = [
  defineCase('what is set is found by every instance, and what never was is not', async ({ key, a, b }) => {
    expectEqual(await a.get(key), undefined, 'what is found before');
    await a.set(key, 'value', LONG);
    const entry = await b.get(key);
    expectEqual(entry?.value, 'value', 'value');
    expectTrue(entry !== undefined && entry.freshMs > 0 && entry.freshMs <= LONG_MS, 'a freshMs within the time');
  }),
  defineCase('the value set last is found', async ({ key, a, b }) => {
    await a.set(key, 'old', LONG);
    await b.set(key, 'new', LONG);
    expectEqual([await valueOf(a, key), await valueOf(b, key)], ['new', 'new'], 'values');
  }),
  defineCase('delete removes one key and says whether there was a value', async ({ key, a, b }) => {
    await a.set(`${key} 1`, 'one', LONG);
    await a.set(`${key} 2`, 'two', LONG);
    expectEqual([await b.delete(`${key} 1`), await b.delete(`${key} 1`)], [true, false], 'answers of delete');
    expectEqual([await valueOf(a, `${key} 1`), await valueOf(a, `${key} 2`)], [undefined, 'two'], 'values');
  }),
  defineCase('keys and values come back exactly, whatever they are made of', async ({ key, a, b }) => {
    const keys = AWKWARD_TEXTS.map((text) => `${key} ${text}`);
    for (const [i, name] of keys.entries()) await a.set(name, `${i}${AWKWARD_TEXTS[i] ?? ''}`, LONG);
    for (const [i, name] of keys.entries()) expectEqual(await valueOf(b, name), `${i}${AWKWARD_TEXTS[i] ?? ''}`, `value of ${JSON.stringify(name)}`);
    await a.set(key, '', LONG);
    expectEqual(await valueOf(b, key), '', 'the empty value');
  }),
  defineCase('a value of a million characters comes back exactly', async ({ key, a, b }) => {
    const value = 'välue🎉,"\\'.repeat(100_000);
    await a.set(key, value, LONG);
    expectTrue((await valueOf(b, key)) === value, 'the same value');
  }),
  defineCase('keys of 512 characters fit and are told apart to the last', async ({ key, a }) => {
    const stem = key.padEnd(511, '.');
    for (const end of ['a', 'b']) await a.set(`${stem}${end}`, end, LONG);
    expectEqual([await valueOf(a, `${stem}a`), await valueOf(a, `${stem}b`)], ['a', 'b'], 'values');
  }),
];

/** What a pattern removes. */
export const clearCases: readonly CacheCase[] = [
  defineCase('clear removes what matches and nothing else', async ({ key, a, b }) => {
    for (const name of ['users:1', 'users:2:name', 'users:', 'user', 'posts:1']) await a.set(`${key}/${name}`, 'v', LONG);
    await b.clear(`${key}/users:*`);
    const left = [];
    for (const name of ['users:1', 'users:2:name', 'users:', 'user', 'posts:1']) if ((await valueOf(a, `${key}/${name}`)) === 'v') left.push(name);
    expectEqual(left, ['user', 'posts:1'], 'what is left');
  }),
  defineCase('clear by a pattern with stars inside, and by one with none', async ({ key, a }) => {
    for (const name of ['a-1-z', 'a-2-z', 'a-z', 'a-1-y', 'b']) await a.set(`${key}/${name}`, name, LONG);
    await a.clear(`${key}/a-*-z`);
    await a.clear(`${key}/b`);
    const left = [];
    for (const name of ['a-1-z', 'a-2-z', 'a-z', 'a-1-y', 'b']) if ((await valueOf(a, `${key}/${name}`)) !== undefined) left.push(name);
    expectEqual(left, ['a-z', 'a-1-y'], 'what is left');
  }),
  defineCase('no character of a pattern but the star has a meaning', async ({ key, a }) => {
    const patterns = ['a?', 'a.', 'a%', 'a_', '[ab]', 'a\\', '(a|b)', 'a+', '^a', '{a,b}', "a'"];
    for (const name of ['ab', 'a', 'b', 'aa']) await a.set(`${key}/${name}`, 'v', LONG);
    for (const pattern of patterns) {
      await a.set(`${key}/${pattern}`, 'v', LONG);
      await a.clear(`${key}/${pattern}`);
      expectEqual(await valueOf(a, `${key}/${pattern}`), undefined, `value of ${pattern} itself`);
      for (const name of ['ab', 'a', 'b', 'aa']) expectEqual(await valueOf(a, `${key}/${name}`), 'v', `value of ${name} after ${pattern}`);
    }
  }),
  defineCase('clear goes through thousands of keys', async ({ key, a, b }) => {
    await Promise.all(Array.from({ length: 3_000 }, (_, i) => a.set(`${key}/${i % 2 === 0 ? 'even' : 'odd'}/${i}`, 'v', LONG)));
    await b.clear(`${key}/even/*`);
    expectEqual([await valueOf(a, `${key}/even/0`), await valueOf(a, `${key}/even/2998`), await valueOf(a, `${key}/odd/2999`)], [undefined, undefined, 'v'], 'values');
  }),
];

/** When a value ends, on the store's clock. */
export const lifeCases: readonly CacheCase[] = [
  defineCase('a value is gone after its time', async ({ key, a, b, sleep }) => {
    await a.set(key, 'value', { ttlMs: SHORT_MS, staleMs: 0 });
    await sleep(2 * SHORT_MS);
    expectEqual([await b.get(key), await b.delete(key)], [undefined, false], 'what is found and deleted after its time');
  }),
  defineCase('a value is stale after its time, and kept for as long as it was said', async ({ key, a, b, sleep }) => {
    await a.set(key, 'value', { ttlMs: SHORT_MS, staleMs: LONG_MS });
    await sleep(2 * SHORT_MS);
    const entry = await b.get(key);
    expectEqual(entry?.value, 'value', 'the stale value');
    expectTrue(entry !== undefined && entry.freshMs <= 0, 'a freshMs of 0 or less');
  }),
  defineTimedCase('each time is exact to the millisecond, and reading does not prolong it', async ({ key, a, advance }) => {
    await a.set(key, 'value', { ttlMs: 10_000, staleMs: 5_000 });
    await advance(9_999);
    expectEqual(await a.get(key), { value: 'value', freshMs: 1 }, 'what is found in the last fresh millisecond');
    await advance(1);
    expectEqual((await a.get(key))?.freshMs, 0, 'freshMs as it turns stale');
    await advance(4_999);
    expectEqual((await a.get(key))?.freshMs, -4_999, 'freshMs in the last millisecond');
    await advance(1);
    expectEqual(await a.get(key), undefined, 'what is found after that');
  }),
  defineTimedCase('setting again starts the time anew, be it longer or shorter', async ({ key, a, advance }) => {
    await a.set(key, 'one', { ttlMs: 10_000, staleMs: 0 });
    await advance(5_000);
    await a.set(key, 'two', { ttlMs: 1_000, staleMs: 0 });
    expectEqual((await a.get(key))?.freshMs, 1_000, 'freshMs');
    await advance(1_000);
    expectEqual(await a.get(key), undefined, 'what is found after the shorter time');
  }),
  defineTimedCase('a time of 30 days holds', async ({ key, a, advance }) => {
    await a.set(key, 'value', { ttlMs: 30 * 86_400_000, staleMs: 0 });
    await advance(30 * 86_400_000 - 1);
    expectEqual((await a.get(key))?.value, 'value', 'value in the last millisecond');
  }),
];
