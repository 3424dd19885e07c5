import { mariadb } from './kinds/mariadb.ts';
import { mysql } from './kinds/mysql.ts';
import { postgres } from './kinds/postgres.ts';
import { redisCluster } from './kinds/redis-cluster.ts';
import { redis } from './kinds/redis.ts';
import { type ServerDefinition } from './server-kind.ts';

/** Every server that tests can ask for. */
export const definitions: readonly ServerDefinition[] = [redis, redisCluster, postgres, mariadb, mysql];
