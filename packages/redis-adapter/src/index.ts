export type { IoRedisClient, NodeRedisClient, RedisClient } from './client/redis-client.ts';
export { createRedisIdempotencyStore, type RedisIdempotencyStoreOptions } from './redis-idempotency-store.ts';
