/** Brings MySQL into `.servers/mysql` from the packages of Debian's unstable release. Nothing is installed. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SERVERS = fileURLToPath(new URL('../../.servers', import.meta.url));
const TARGET = join(SERVERS, 'mysql');

// The server runs with the C library it was built for: the machine's own is older.
const WRAPPER = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
lib=$(dirname "$(ls "$here"/usr/lib/*/libc.so.6)")
exec "$(ls "$lib"/ld-linux*.so.*)" --library-path "$lib" "$here/usr/sbin/mysqld" "$@" \\
  --basedir="$here/usr" --lc-messages-dir="$here/usr/share/mysql" --character-sets-dir="$here/usr/share/mysql/charsets"
`;

/** A configuration under which apt neither reads nor writes anything of the machine's own. */
function configuration(folder: string): string {
  return `
Dir::State "${folder}/state";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
Dir::Etc::SourceList "${folder}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Parts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Debug::NoLocking "1";
APT::Sandbox::User "";
APT::Install-Recommends "0";
Acquire::Languages "none";
// Signatures are checked all the same; a mirror may lag behind.
Acquire::Check-Valid-Until "0";
`;
}

function download(folder: string): string[] {
  for (const name of ['state/lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${KEYRING}] http://deb.debian.org/debian sid main\n`);
  const config = join(folder, 'apt.conf');
  writeFileSync(config, configuration(folder));
  const env = { ...process.env, APT_CONFIG: config };
  execFileSync('apt-get', ['-q', 'update'], { env, stdio: 'inherit' });
  execFileSync('apt-get', ['-q', '-y', '--download-only', 'install', 'mysql-server-core'], { env, stdio: 'inherit' });
  const archives = join(folder, 'cache/archives');
  return readdirSync(archives).filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}

function bring(): void {
  mkdirSync(SERVERS, { recursive: true });
  const folder = mkdtempSync(join(SERVERS, 'download-'));
  try {
    const extracted = join(folder, 'mysql');
    for (const archive of download(folder)) execFileSync('dpkg', ['-x', archive, extracted]);
    for (const name of ['perl', 'perl5', 'doc', 'man', 'locale']) rmSync(join(extracted, 'usr/share', name), { recursive: true, force: true });
    writeFileSync(join(extracted, 'mysqld'), WRAPPER);
    chmodSync(join(extracted, 'mysqld'), 0o755);
    execFileSync(join(extracted, 'mysqld'), ['--version'], { stdio: 'inherit' });
    rmSync(TARGET, { recursive: true, force: true });
    renameSync(extracted, TARGET);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (['/usr/bin/apt-get', '/usr/bin/dpkg', KEYRING].every((path) => existsSync(path))) {
  bring();
  console.log(`MySQL is in ${TARGET}`);
} else {
  console.error('This needs a Debian system. Elsewhere install MySQL 8 or newer, or set TEST_MYSQL_URL.');
  process.exitCode = 1;
}
