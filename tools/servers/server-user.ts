import { spawnSync } from 'node:child_process';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

function idOf(name: string, flag: '-u' | '-g'): number | undefined {
  const found = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return found.status === 0 ? Number(found.stdout.trim()) : undefined;
}

/**
 * Whom a database server runs as when we are root, which PostgreSQL refuses outright: the first of the users that exists
 * and can run the program. Undefined where we are not root, and the server runs as we do.
 */
export function serverUser(program: string, names: readonly string[]): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of [...names, 'nobody']) {
    const [uid, gid] = [idOf(name, '-u'), idOf(name, '-g')];
    if (uid === undefined || gid === undefined) continue;
    if (spawnSync(program, ['--version'], { uid, gid, cwd: '/' }).status === 0) return { uid, gid };
  }
  throw new Error(`no user but root can run ${program}: its folder must be readable by others`);
}
