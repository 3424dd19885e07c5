import { invalidOption } from '@tunic/core';
import { type RedisClient, type ScriptCalls, scriptCallsOf } from './redis-client.ts';
import { type Script, sha1Of } from './script.ts';
import { storeError } from './store-error.ts';

/** Runs scripts through the user's client; the one way by which every store of this package reaches Redis. */
export interface ScriptRunner {
  /**
   * One atomic step on the node that holds the keys, which must share a slot.
   *
   * @throws `ERR_TUNIC_STORE`, retryable where the connection was lost or the server will recover;
   *   `ERR_TUNIC_STORE_FULL`, retryable, when it is out of memory
   */
  evaluate<Keys extends readonly string[]>(script: Script<Keys>, keys: Keys, args: readonly string[]): Promise<unknown>;
}

/**
 * Recognises the client by its members.
 *
 * @throws `ERR_TUNIC_OPTION` when it is none of `redis` or `ioredis`
 */
export function createScriptRunner(client: RedisClient): ScriptRunner {
  const calls = scriptCallsOf(client);
  if (calls === undefined)
    throw invalidOption('client', "a client of 'redis' or 'ioredis'", client);
  return {
    async evaluate(script, keys, args) {
      try {
        return await run(calls, script, keys, args);
      } catch (error) {
        throw storeError(script.name, error);
      }
    },
  };
}

/**
 * Each node caches scripts for itself and forgets them on restart, fail-over and SCRIPT FLUSH. The text sent instead
 * goes to the node that was asked, runs at once and is cached there, which a SCRIPT LOAD would not promise.
 */
async function run(
  calls: ScriptCalls,
  script: Script<readonly string[]>,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  try {
    return await calls.bySha1(sha1Of(script), keys, args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return calls.byText(script.lua, keys, args);
  }
}
