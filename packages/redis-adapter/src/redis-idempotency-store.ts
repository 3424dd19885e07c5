import { type IdempotencyBegin, type IdempotencyStore, TunicError } from '@tunic/core';
import type { RedisClient } from './client/redis-client.ts';
import { createScriptRunner } from './client/script-runner.ts';
import { checkPrefix, taggedKey } from './client/tagged-key.ts';
import { idempotencyBegin } from './commands/idempotency-begin.lua.ts';
import { idempotencyComplete } from './commands/idempotency-complete.lua.ts';
import { GRACE_MS } from './commands/idempotency-entry.ts';
import { idempotencyRelease } from './commands/idempotency-release.lua.ts';
import { idempotencyRenew } from './commands/idempotency-renew.lua.ts';

/** Options of {@link createRedisIdempotencyStore}. */
export interface RedisIdempotencyStoreOptions {
  /** Your connected client; it stays yours, and open, when the store is disposed. */
  client: RedisClient;
  /** Stands before every key, without braces; `'tunic:'` by default. Stores that share it share their keys. */
  prefix?: string;
}

/**
 * Keeps idempotency keys on Redis 6.2+ or Valkey, single node or Cluster: every method is one script, atomic and on the
 * server's clock.
 *
 * Redis may forget what it acknowledged: run it with `maxmemory-policy noeviction`, and know that a fail-over loses
 * writes that were not replicated yet, after which a key can be acquired a second time. A fence is never less than the
 * server's time in microseconds, so it exceeds those of a forgotten key too, unless the server's clock was set back.
 *
 * @throws `ERR_TUNIC_OPTION` for something that is no client, or a prefix with braces. The methods reject with
 *   `ERR_TUNIC_STORE`, retryable where the connection was lost or the server will recover, and `ERR_TUNIC_STORE_FULL`,
 *   retryable.
 * @example
 * ```ts no-run
 * import { createIdempotency } from '@tunic/core';
 * import { createRedisIdempotencyStore } from '@tunic/redis-adapter';
 * import { createClient } from 'redis';
 *
 * const client = await createClient({ url: 'redis://127.0.0.1:6379' }).connect();
 * const payments = createIdempotency({ store: createRedisIdempotencyStore({ client }), ttl: '1d', lease: '30s' });
 *
 * await payments.run('order-17', () => 'charged');
 * await client.close();
 * ```
 */
export function createRedisIdempotencyStore(options: RedisIdempotencyStoreOptions): IdempotencyStore {
  const runner = createScriptRunner(options.client);
  const prefix = checkPrefix(options.prefix ?? 'tunic:');
  const entry = (key: string): readonly [string] => [taggedKey(prefix, 'idempotency', key)];

  return {
    async begin(key, { owner, fingerprint, leaseMs }) {
      return readBegin(await runner.evaluate(idempotencyBegin, entry(key), [owner, fingerprint, expiry(leaseMs + GRACE_MS)]));
    },
    async renew(key, fence, leaseMs) {
      return isHeld(await runner.evaluate(idempotencyRenew, entry(key), [String(fence), expiry(leaseMs + GRACE_MS)]));
    },
    async complete(key, fence, value, ttlMs) {
      return isHeld(await runner.evaluate(idempotencyComplete, entry(key), [String(fence), value, expiry(ttlMs)]));
    },
    async release(key, fence) {
      return isHeld(await runner.evaluate(idempotencyRelease, entry(key), [String(fence)]));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** PEXPIRE takes whole milliseconds, and adds the present to them. */
function expiry(ms: number): string {
  return String(Math.min(Math.ceil(ms), Number.MAX_SAFE_INTEGER));
}

/** A client may be set up to give texts as buffers and numbers as texts or big integers. */
function isHeld(reply: unknown): boolean {
  return Number(reply) === 1;
}

function readBegin(reply: unknown): IdempotencyBegin {
  const [state = '', first = '', second = ''] = Array.isArray(reply) ? reply.map(String) : [];
  switch (state) {
    case 'acquired':
      return { state, fence: Number(first) };
    case 'busy':
      return { state, fingerprint: first, retryAfterMs: Number(second) };
    case 'done':
      return { state, fingerprint: first, value: second };
    default:
      throw new TunicError('ERR_TUNIC_STORE', `Redis answered idempotency.begin with ${JSON.stringify(state)}`);
  }
}
