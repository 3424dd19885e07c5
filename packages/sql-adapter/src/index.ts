export { createSqlIdempotencyStore, type SqlIdempotencyStoreOptions } from './idempotency/sql-idempotency-store.ts';
export { createSqlTaskStore, type SqlTaskStoreOptions } from './sqlite/sqlite-task-store.ts';
export { migrate, type MigrateOptions } from './migrations/migrate.ts';
export type { MysqlClient, MysqlConnection } from './mysql/mysql-client.ts';
export { openSqlite, type OpenSqliteOptions } from './sqlite/open-sqlite.ts';
export type { PostgresClient } from './postgres/postgres-client.ts';
export type { SqlClient } from './client/sql-client.ts';
export type { SqliteClient, SqliteStatement, SqliteValue } from './sqlite/sqlite-client.ts';
