import { join } from 'node:path';
import { freePort } from '../free-ports.ts';
import { accountUrl, mysqlVersion, serverArguments, writeAccount } from '../mysql-protocol.ts';
import { type ServerDefinition } from '../server-kind.ts';
import { serverUser } from '../server-user.ts';
import { startService } from '../start-service.ts';

async function version(url: string): Promise<string> {
  const told = await mysqlVersion(url);
  const number = /^\d[\d.]*/.exec(told)?.[0];
  if (number === undefined || told.includes('MariaDB')) throw new Error(`this is not MySQL: its version is ${told}`);
  return number;
}

export const mysql: ServerDefinition = {
  kind: 'mysql',
  title: 'MySQL',
  variable: 'TEST_MYSQL_URL',
  minimum: '8.0',
  programs: ['mysqld'],
  companions: [],
  folders: ['.servers/mysql'],
  // Debian's releases have none.
  packages: [],
  command: 'npm run servers:mysql',
  optional: true,
  identify: (output) => (output.includes('MariaDB') ? undefined : /\bVer (\d[\d.]*)/.exec(output)?.[1]),
  async launch(program, keeper) {
    const user = serverUser(program.path, ['mysql']);
    const port = await freePort();
    const url = accountUrl(port);
    const folder = keeper.makeFolder(`mysql-${port}`, user);
    const data = join(folder, 'data');
    await keeper.run({ program: program.path, args: ['--no-defaults', '--initialize-insecure', `--datadir=${data}`], user });
    const args = [...serverArguments(port, data, writeAccount(folder)), '--secure-file-priv=NULL', '--mysqlx=OFF'];
    await startService(keeper, { program: program.path, args, user }, () => version(url));
    return [url];
  },
  ping: async ([url = '']) => await version(url),
};
