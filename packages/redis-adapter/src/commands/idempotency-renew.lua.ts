import type { Script } from '../client/script.ts';
import { GRACE_MS, type IdempotencyKeys } from './idempotency-entry.ts';

/**
 * Prolongs the lease.
 *
 * KEYS   1 entry
 * ARGV   1 fence   2 lease and grace, in ms
 * Reply  1 held | 0 lost
 */
export const idempotencyRenew: Script<IdempotencyKeys> = {
  name: 'idempotency.renew',
  numberOfKeys: 1,
  lua: `
local entry = redis.call('HMGET', KEYS[1], 'fence', 'owner')
if entry[1] ~= ARGV[1] or not entry[2] then return 0 end
if redis.call('PTTL', KEYS[1]) <= ${GRACE_MS} then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`,
};
