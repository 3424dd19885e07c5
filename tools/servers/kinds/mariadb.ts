import { join } from 'node:path';
import { findCompanion } from '../find-program.ts';
import { freePort } from '../free-ports.ts';
import { accountUrl, mysqlVersion, serverArguments, writeAccount } from '../mysql-protocol.ts';
import { type ServerDefinition } from '../server-kind.ts';
import { serverUser } from '../server-user.ts';
import { startService } from '../start-service.ts';

const INSTALL = 'mariadb-install-db';

async function version(url: string): Promise<string> {
  const told = await mysqlVersion(url);
  const number = /^(?:5\.5\.5-)?(\d[\d.]*)-MariaDB/.exec(told)?.[1];
  if (number === undefined) throw new Error(`this is not MariaDB: its version is ${told}`);
  return number;
}

export const mariadb: ServerDefinition = {
  kind: 'mariadb',
  title: 'MariaDB',
  variable: 'TEST_MARIADB_URL',
  minimum: '10.6',
  programs: ['mariadbd', 'mysqld'],
  companions: [INSTALL, 'my_print_defaults'],
  folders: [],
  // The server without its service, which would start a second one at the next boot.
  packages: ['mariadb-server-core', 'mariadb-client-core'],
  command: 'install MariaDB 10.6 or newer',
  optional: false,
  identify: (output) => /(\d[\d.]*)-MariaDB/.exec(output)?.[1],
  async launch(program, keeper) {
    const user = serverUser(program.path, ['mysql']);
    const port = await freePort();
    const url = accountUrl(port);
    const folder = keeper.makeFolder(`mariadb-${port}`, user);
    const data = join(folder, 'data');
    await keeper.run({
      program: findCompanion(program.path, INSTALL) ?? INSTALL,
      args: ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
      user,
    });
    const command = { program: program.path, args: serverArguments(port, data, writeAccount(folder)), user };
    await startService(keeper, command, () => version(url));
    return [url];
  },
  ping: async ([url = '']) => await version(url),
};
