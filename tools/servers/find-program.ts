import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type Program, type ServerDefinition } from './server-kind.ts';
import { compareVersions } from './version.ts';

/** Where to look: the search path, the root under which the system's own folders are, and the repository. */
export interface Places {
  readonly path: string;
  readonly root: string;
  readonly repository: string;
}

/** What a search came to: the program, or why those that were there will not do. */
export interface Search {
  readonly program?: Program;
  readonly refused: readonly string[];
}

const FOLDERS = ['usr/sbin', 'usr/local/bin', 'usr/local/sbin', 'usr/local/pgsql/bin', 'usr/local/mysql/bin', 'usr/libexec', 'opt/homebrew/bin', 'opt/homebrew/sbin'];
const HOMEBREW = ['opt/homebrew/opt', 'usr/local/opt', 'home/linuxbrew/.linuxbrew/opt'];
const OURS = /^(redis|valkey|postgresql|mariadb|mysql)(@|$)/;
const VERSION_WITHIN_MS = 10_000;

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function folders({ path, root, repository }: Places, definition: ServerDefinition): string[] {
  const postgres = join(root, 'usr/lib/postgresql');
  const newestFirst = list(postgres).sort((left, right) => compareVersions(right, left));
  return [
    ...path.split(delimiter).filter((folder) => folder !== ''),
    ...newestFirst.map((version) => join(postgres, version, 'bin')),
    ...FOLDERS.map((folder) => join(root, folder)),
    ...HOMEBREW.flatMap((opt) => list(join(root, opt)).filter((name) => OURS.test(name)).map((name) => join(root, opt, name, 'bin'))),
    ...definition.folders.map((folder) => join(repository, folder)),
  ];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A program that belongs to another one: beside it, in the neighbouring folders, or on the search path. */
export function findCompanion(program: string, name: string, path: string = process.env['PATH'] ?? ''): string | undefined {
  const own = dirname(realpathSync(program));
  const candidates = [own, join(own, '../bin'), join(own, '../scripts'), ...path.split(delimiter)];
  return candidates.map((folder) => join(folder, name)).find(isProgram);
}

function judge(file: string, definition: ServerDefinition, path: string): Program | string | undefined {
  const told = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: VERSION_WITHIN_MS });
  const version = definition.identify(`${told.stdout}${told.stderr}`);
  if (version === undefined) return undefined;
  if (compareVersions(version, definition.minimum) < 0) return `${file} is ${version}, older than ${definition.minimum}`;
  const missing = definition.companions.find((name) => findCompanion(file, name, path) === undefined);
  return missing === undefined ? { path: file, version } : `${file} lacks ${missing}`;
}

/** Finds a server's program: the search path first, then the system's folders, then the repository's own. */
export function findProgram(definition: ServerDefinition, places: Places): Search {
  const refused: string[] = [];
  for (const folder of folders(places, definition)) {
    for (const name of definition.programs) {
      const file = join(folder, name);
      if (!isProgram(file)) continue;
      const judged = judge(file, definition, places.path);
      if (typeof judged === 'object') return { program: judged, refused };
      if (judged !== undefined && !refused.includes(judged)) refused.push(judged);
    }
  }
  return { refused };
}
