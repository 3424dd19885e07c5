import type { Script } from '../client/script.ts';
import { GRACE_MS, type IdempotencyKeys } from './idempotency-entry.ts';

/**
 * Frees the key and leaves its fence behind for the grace.
 *
 * KEYS   1 entry
 * ARGV   1 fence
 * Reply  1 freed | 0 lost
 */
export const idempotencyRelease: Script<IdempotencyKeys> = {
  name: 'idempotency.release',
  numberOfKeys: 1,
  lua: `
local entry = redis.call('HMGET', KEYS[1], 'fence', 'owner')
if entry[1] ~= ARGV[1] or not entry[2] then return 0 end
if redis.call('PTTL', KEYS[1]) <= ${GRACE_MS} then return 0 end
redis.call('HDEL', KEYS[1], 'owner', 'fingerprint')
return redis.call('PEXPIRE', KEYS[1], ${GRACE_MS})
`,
};
