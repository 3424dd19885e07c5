import { createHash } from 'node:crypto';
import { isTunicError, type TunicErrorCode } from '@tunic/core';
import { describe, expect, it } from 'vitest';
import type { IoRedisClient, NodeRedisClient, RedisClient } from '../../src/client/redis-client.ts';
import type { Script } from '../../src/client/script.ts';
import { createScriptRunner } from '../../src/client/script-runner.ts';

const script: Script<readonly [string, string]> = { name: 'test.echo', numberOfKeys: 2, lua: 'return ARGV[1]' };
const sha1 = createHash('sha1').update(script.lua).digest('hex');
const keys = ['{a}1', '{a}2'] as const;
const noScript = new Error('NOSCRIPT No matching script. Please use EVAL.');

type Call = readonly unknown[];

function nodeRedis(calls: Call[], replies: readonly (Error | string)[]): NodeRedisClient {
  const answer = (...call: Call): Promise<unknown> => reply(calls, call, replies);
  return { evalSha: (...call) => answer('evalSha', ...call), eval: (...call) => answer('eval', ...call) };
}

function ioRedis(calls: Call[], replies: readonly (Error | string)[]): IoRedisClient {
  const answer = (...call: Call): Promise<unknown> => reply(calls, call, replies);
  return { evalsha: (...call) => answer('evalsha', ...call), eval: (...call) => answer('eval', ...call) };
}

function reply(calls: Call[], call: Call, replies: readonly (Error | string)[]): Promise<unknown> {
  const next = replies[calls.length];
  calls.push(call);
  return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
}

function failing(error: unknown): RedisClient {
  return { evalSha: () => Promise.reject(error), eval: () => Promise.reject(error) };
}

async function failureOf(error: unknown): Promise<{ code: TunicErrorCode; retryable: boolean; cause: unknown }> {
  const thrown: unknown = await createScriptRunner(failing(error)).evaluate(script, keys, []).catch((reason: unknown) => reason);
  if (!isTunicError(thrown)) throw new Error('not an error of ours', { cause: thrown });
  return { code: thrown.code, retryable: thrown.retryable, cause: thrown.cause };
}

describe('createScriptRunner', () => {
  it('calls a node-redis client by digest, with keys and arguments apart', async () => {
    const calls: Call[] = [];
    const runner = createScriptRunner(nodeRedis(calls, ['hello']));
    expect(await runner.evaluate(script, keys, ['hello'])).toBe('hello');
    expect(calls).toEqual([['evalSha', sha1, { keys: ['{a}1', '{a}2'], arguments: ['hello'] }]]);
  });

  it('calls an ioredis client by digest, with the number of keys', async () => {
    const calls: Call[] = [];
    const runner = createScriptRunner(ioRedis(calls, ['hello']));
    expect(await runner.evaluate(script, keys, ['hello'])).toBe('hello');
    expect(calls).toEqual([['evalsha', sha1, 2, '{a}1', '{a}2', 'hello']]);
  });

  it('sends the text to node-redis when the node does not know the digest', async () => {
    const calls: Call[] = [];
    const runner = createScriptRunner(nodeRedis(calls, [noScript, 'hello']));
    expect(await runner.evaluate(script, keys, ['hello'])).toBe('hello');
    expect(calls[1]).toEqual(['eval', script.lua, { keys: ['{a}1', '{a}2'], arguments: ['hello'] }]);
  });

  it('sends the text to ioredis when the node does not know the digest', async () => {
    const calls: Call[] = [];
    const runner = createScriptRunner(ioRedis(calls, [noScript, 'hello']));
    expect(await runner.evaluate(script, keys, ['hello'])).toBe('hello');
    expect(calls[1]).toEqual(['eval', script.lua, 2, '{a}1', '{a}2', 'hello']);
  });

  it('does not send the text after any other error', async () => {
    const calls: Call[] = [];
    const runner = createScriptRunner(ioRedis(calls, [new Error('WRONGTYPE Operation against a key'), 'hello']));
    await expect(runner.evaluate(script, keys, [])).rejects.toThrow('Redis could not run test.echo: WRONGTYPE');
    expect(calls).toHaveLength(1);
  });

  it.each([['redis://127.0.0.1'], [undefined], [null], [{}], [{ eval: () => undefined }], [{ evalSha: 'text', eval: 'text' }]])(
    'refuses %j, which is no client',
    (value) => {
      const create = (): unknown => createScriptRunner(value as unknown as RedisClient);
      expect(create).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_OPTION' }));
    },
  );
});

describe('errors of the client', () => {
  it.each([
    ['Socket closed unexpectedly', true],
    ['Connection is closed.', true],
    ['connect ECONNREFUSED 127.0.0.1:6379', true],
    ['Reached the max retries per request limit (which is 20). Refer to "maxRetriesPerRequest" option for details.', true],
    ['LOADING Redis is loading the dataset in memory', true],
    ['CLUSTERDOWN The cluster is down', true],
    ["READONLY You can't write against a read only replica.", true],
    ['The client is closed', false],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', false],
    ['NOAUTH Authentication required.', false],
    ['ERR Error running script', false],
  ])('%s: retryable %s', async (message, retryable) => {
    const error = new Error(message);
    expect(await failureOf(error)).toEqual({ code: 'ERR_TUNIC_STORE', retryable, cause: error });
  });

  it('an argument that the client refuses is not retryable', async () => {
    expect(await failureOf(new TypeError('"arguments[0]" must be a string'))).toMatchObject({ retryable: false });
  });

  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'. script: 4ca2, on @user_script:3."],
    ["ERR Error running script (call to f_4ca2): @user_script:3: -OOM command not allowed when used memory > 'maxmemory'."],
  ])('%s: the store is full', async (message) => {
    expect(await failureOf(new Error(message))).toMatchObject({ code: 'ERR_TUNIC_STORE_FULL', retryable: true });
  });

  it('something thrown that is no error is the cause too', async () => {
    expect(await failureOf('gone')).toEqual({ code: 'ERR_TUNIC_STORE', retryable: false, cause: 'gone' });
  });
});
