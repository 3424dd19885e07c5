import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram, type Places } from '../find-program.ts';
import { mariadb } from '../kinds/mariadb.ts';
import { mysql } from '../kinds/mysql.ts';
import { postgres } from '../kinds/postgres.ts';
import { redis } from '../kinds/redis.ts';

let root: string;
let places: Places;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'find-program-'));
  places = { path: `${join(root, 'first')}:${join(root, 'second')}`, root, repository: join(root, 'repository') };
});
afterEach(() => rmSync(root, { recursive: true }));

/** A program that tells a version and does nothing else. */
function fake(path: string, told: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${told}'\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('findProgram', () => {
  it('takes the first on the search path', () => {
    fake('second/redis-server', 'Redis server v=7.4.0 sha=0');
    const first = fake('first/redis-server', 'Redis server v=7.0.15 sha=0');
    expect(findProgram(redis, places).program).toEqual({ path: first, version: '7.0.15' });
  });

  it('prefers the search path to the folders of the system', () => {
    fake('usr/local/bin/redis-server', 'Redis server v=7.4.0 sha=0');
    const second = fake('second/redis-server', 'Redis server v=7.0.15 sha=0');
    expect(findProgram(redis, places).program?.path).toBe(second);
  });

  it('takes Valkey where there is no Redis', () => {
    const path = fake('usr/local/bin/valkey-server', 'Valkey server v=8.0.1 sha=0');
    expect(findProgram(redis, places).program).toEqual({ path, version: '8.0.1' });
  });

  it('takes the newest PostgreSQL, by number and not by letter', () => {
    for (const version of ['9.6', '15', '16', '7']) {
      fake(`usr/lib/postgresql/${version}/bin/postgres`, `postgres (PostgreSQL) ${version}.4 (Debian ${version}.4-1)`);
      fake(`usr/lib/postgresql/${version}/bin/initdb`, '');
    }
    expect(findProgram(postgres, places).program?.version).toBe('16.4');
  });

  it('looks into the folders of Homebrew', () => {
    const path = fake('opt/homebrew/opt/postgresql@17/bin/postgres', 'postgres (PostgreSQL) 17.2 (Homebrew)');
    fake('opt/homebrew/opt/postgresql@17/bin/initdb', '');
    expect(findProgram(postgres, places).program?.path).toBe(path);
  });

  it('passes over a program that is too old, and says so', () => {
    const old = fake('first/redis-server', 'Redis server v=5.0.14 sha=0');
    const good = fake('second/redis-server', 'Redis server v=6.2.0 sha=0');
    expect(findProgram(redis, places)).toEqual({ program: { path: good, version: '6.2.0' }, refused: [`${old} is 5.0.14, older than 6.2`] });
  });

  it('passes over a PostgreSQL without initdb, and says so', () => {
    const path = fake('first/postgres', 'postgres (PostgreSQL) 15.1');
    expect(findProgram(postgres, places)).toEqual({ refused: [`${path} lacks initdb`] });
  });

  it('does not take a mysqld that is MariaDB for MySQL, nor the other way round', () => {
    for (const name of ['mariadb-install-db', 'my_print_defaults']) fake(`first/${name}`, '');
    const maria = fake('first/mysqld', 'mysqld  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)');
    const real = fake('second/mysqld', '/usr/sbin/mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)');
    expect(findProgram(mariadb, places).program).toEqual({ path: maria, version: '10.11.19' });
    expect(findProgram(mysql, places).program).toEqual({ path: real, version: '8.4.3' });
  });

  it('understands how MariaDB 11 tells its version', () => {
    for (const name of ['mariadb-install-db', 'my_print_defaults']) fake(`first/${name}`, '');
    fake('first/mariadbd', 'mariadbd from 11.4.2-MariaDB, client 15.2 for Linux (x86_64)');
    expect(findProgram(mariadb, places).program?.version).toBe('11.4.2');
  });

  it('takes the MySQL of the repository last', () => {
    const own = fake('repository/.servers/mysql/mysqld', '/x/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))');
    expect(findProgram(mysql, places).program).toEqual({ path: own, version: '9.7.4' });
    const system = fake('usr/sbin/mysqld', 'mysqld  Ver 8.0.36 for Linux on x86_64 (Source distribution)');
    expect(findProgram(mysql, places).program?.path).toBe(system);
  });

  it('takes nothing that is no program', () => {
    mkdirSync(join(root, 'first/redis-server'), { recursive: true });
    writeFileSync(fake('second/redis-server', ''), 'text');
    chmodSync(join(root, 'second/redis-server'), 0o644);
    expect(findProgram(redis, places)).toEqual({ refused: [] });
  });
});
