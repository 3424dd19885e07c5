import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';
import { type MysqlClient, type PostgresClient } from '../../src/index.ts';

/** A pool of connections as users make it, and how it is ended. */
export interface OpenPool {
  client: PostgresClient | MysqlClient;
  /** Runs a statement outside the store; answers its rows. */
  sql: (text: string) => Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

function openPostgres(url: string): OpenPool {
  const pool = new Pool({ connectionString: url, max: 4 });
  // A pool tells of idle connections that the server ends; nobody listening would end the process.
  pool.on('error', () => undefined);
  return { client: pool, sql: async (text) => (await pool.query<Record<string, unknown>>(text)).rows, end: () => pool.end() };
}

function openMysql(url: string): OpenPool {
  const pool = createPool({ uri: url, connectionLimit: 4 });
  return { client: pool, sql: async (text) => (await pool.query(text))[0] as Record<string, unknown>[], end: () => pool.end() };
}

/** How each kind of server is opened with its usual driver. */
export const OPENERS: Readonly<Record<'postgres' | 'mariadb' | 'mysql', (url: string) => OpenPool>> = {
  postgres: openPostgres,
  mariadb: openMysql,
  mysql: openMysql,
};
