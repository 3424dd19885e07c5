import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';

const CONNECT_WITHIN_MS = 5000;

/** The version that a server of the MySQL family tells, e.g. `8.4.3` or `10.11.6-MariaDB`. */
export async function mysqlVersion(url: string): Promise<string> {
  const connection = await createConnection({ uri: url, connectTimeout: CONNECT_WITHIN_MS });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    const [row] = rows as { version: string }[];
    return row?.version ?? 'unknown';
  } finally {
    connection.destroy();
  }
}

/** The URL of the account that {@link writeAccount} makes. */
export function accountUrl(port: number): string {
  return `mysql://tunic@127.0.0.1:${port}/tunic`;
}

/** Writes the statements that a new server runs before it listens: an account that may do everything, and a database. */
export function writeAccount(folder: string): string {
  const path = join(folder, 'account.sql');
  const statements = [
    "CREATE USER IF NOT EXISTS 'tunic'@'%' IDENTIFIED BY ''",
    "GRANT ALL PRIVILEGES ON *.* TO 'tunic'@'%' WITH GRANT OPTION",
    'CREATE DATABASE IF NOT EXISTS tunic',
  ];
  writeFileSync(path, `${statements.join(';\n')};\n`, { mode: 0o644 });
  return path;
}

/** What both servers of the family are started with: loopback only, durability off. */
export function serverArguments(port: number, data: string, account: string): string[] {
  return [
    '--no-defaults',
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    // Relative to the data folder: an absolute path may be longer than a socket's name can be.
    '--socket=server.sock',
    `--pid-file=${data}/server.pid`,
    `--init-file=${account}`,
    '--skip-name-resolve',
    '--skip-log-bin',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-doublewrite=0',
    '--performance-schema=OFF',
    '--max-connections=300',
  ];
}
