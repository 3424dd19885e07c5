import type { Script } from '../client/script.ts';
import { GRACE_MS, type IdempotencyKeys } from './idempotency-entry.ts';

/**
 * Takes the key, or says who has it.
 *
 * KEYS   1 entry
 * ARGV   1 owner   2 fingerprint   3 lease and grace, in ms
 * Reply  { 'acquired', fence } | { 'busy', fingerprint, ms left of the lease } | { 'done', fingerprint, value }
 *
 * The fence is the server's time in microseconds, or the last fence and one where that is more: a key that was forgotten
 * starts above all that went before. It is formatted by hand because Lua shortens a number to fourteen digits.
 */
export const idempotencyBegin: Script<IdempotencyKeys> = {
  name: 'idempotency.begin',
  numberOfKeys: 1,
  lua: `
local entry = redis.call('HMGET', KEYS[1], 'fence', 'fingerprint', 'owner', 'value')
local fence, fingerprint, owner, value = entry[1], entry[2], entry[3], entry[4]
if value then return { 'done', fingerprint, value } end

local left = redis.call('PTTL', KEYS[1]) - ${GRACE_MS}
if owner and left > 0 then
  if owner ~= ARGV[1] then return { 'busy', fingerprint, left } end
else
  local time = redis.call('TIME')
  local micros = time[1] * 1000000 + time[2]
  fence = string.format('%.0f', math.max(micros, (fence or 0) + 1))
  redis.call('HSET', KEYS[1], 'fence', fence, 'fingerprint', ARGV[2], 'owner', ARGV[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 'acquired', fence }
`,
};
