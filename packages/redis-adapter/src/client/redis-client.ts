/** The members that are called of a client of `redis` (node-redis): single, pool, Sentinel or Cluster. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** The members that are called of a client of `ioredis`: `Redis` or `Cluster`. */
export interface IoRedisClient {
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/**
 * Your own client, of `redis` or of `ioredis`, for a single node or a Cluster. You connect it, listen to its errors and
 * close it; the stores only send commands through it.
 */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** How one kind of client takes a script, by its digest or by its text. */
export interface ScriptCalls {
  bySha1(sha1: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  byText(lua: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

/** Tells the two kinds of client apart by the spelling of `EVALSHA`; `undefined`: neither. */
export function scriptCallsOf(client: unknown): ScriptCalls | undefined {
  if (isNodeRedis(client)) return nodeRedisCalls(client);
  return isIoRedis(client) ? ioRedisCalls(client) : undefined;
}

function isNodeRedis(client: unknown): client is NodeRedisClient {
  return hasMethod(client, 'evalSha') && hasMethod(client, 'eval');
}

function isIoRedis(client: unknown): client is IoRedisClient {
  return hasMethod(client, 'evalsha') && hasMethod(client, 'eval');
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function';
}

function nodeRedisCalls(client: NodeRedisClient): ScriptCalls {
  return {
    bySha1: (sha1, keys, args) => client.evalSha(sha1, { keys: [...keys], arguments: [...args] }),
    byText: (lua, keys, args) => client.eval(lua, { keys: [...keys], arguments: [...args] }),
  };
}

function ioRedisCalls(client: IoRedisClient): ScriptCalls {
  return {
    bySha1: (sha1, keys, args) => client.evalsha(sha1, keys.length, ...keys, ...args),
    byText: (lua, keys, args) => client.eval(lua, keys.length, ...keys, ...args),
  };
}
