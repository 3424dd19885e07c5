import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { type RunningServer } from './server-kind.ts';

/** A database, or a key prefix, that nobody else uses. */
export function freshName(): string {
  return `t_${randomBytes(8).toString('hex')}`;
}

/** A database of its own for a test file. */
export interface FreshDatabase {
  readonly url: string;
  /** Drops it, and ends the connections that are still in it where the server would refuse otherwise. */
  drop(): Promise<void>;
}

async function runSql({ kind, url }: RunningServer, statement: string): Promise<void> {
  if (kind === 'postgres') {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
    return;
  }
  const connection = await createConnection({ uri: url });
  await connection.query(statement).finally(() => connection.end());
}

/** Makes a new database on a PostgreSQL, MySQL or MariaDB server. */
export async function freshDatabase(server: RunningServer): Promise<FreshDatabase> {
  const name = freshName();
  await runSql(server, `CREATE DATABASE ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const force = server.kind === 'postgres' ? ' WITH (FORCE)' : '';
  return { url: url.href, drop: () => runSql(server, `DROP DATABASE ${name}${force}`) };
}
