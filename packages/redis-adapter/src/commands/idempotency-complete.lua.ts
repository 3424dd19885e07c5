import type { Script } from '../client/script.ts';
import { GRACE_MS, type IdempotencyKeys } from './idempotency-entry.ts';

/**
 * Stores the value and ends the ownership.
 *
 * KEYS   1 entry
 * ARGV   1 fence   2 value   3 time to live, in ms
 * Reply  1 stored, now or by the same call before | 0 lost
 */
export const idempotencyComplete: Script<IdempotencyKeys> = {
  name: 'idempotency.complete',
  numberOfKeys: 1,
  lua: `
local entry = redis.call('HMGET', KEYS[1], 'fence', 'owner', 'value')
if entry[1] ~= ARGV[1] then return 0 end
if entry[3] then return entry[3] == ARGV[2] and 1 or 0 end
if not entry[2] or redis.call('PTTL', KEYS[1]) <= ${GRACE_MS} then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[2])
redis.call('HDEL', KEYS[1], 'owner')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`,
};
