import { findProgram, type Places } from './find-program.ts';
import { type MissingServer, type Program, type ServerDefinition } from './server-kind.ts';

/** How a server will be had. */
export interface Choice {
  readonly definition: ServerDefinition;
  readonly source: { readonly urls: readonly string[] } | { readonly program: Program };
}

export interface Choices {
  readonly chosen: readonly Choice[];
  readonly missing: readonly MissingServer[];
}

/** Brings packages of the system, or says that it cannot. */
export interface Installer {
  readonly available: boolean;
  install(packages: readonly string[]): Promise<void>;
}

export interface ChooseOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly places: Places;
  readonly installer: Installer;
}

type Found = Choice | MissingServer;

function find(definition: ServerDefinition, { environment, places }: ChooseOptions): Found {
  const urls = environment[definition.variable];
  if (urls !== undefined && urls !== '') return { definition, source: { urls: urls.split(',') } };
  const { program, refused } = findProgram(definition, places);
  if (program !== undefined) return { definition, source: { program } };
  const { kind, title, packages, optional } = definition;
  const command = packages.length > 0 ? `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}` : definition.command;
  const reason = refused.length > 0 ? refused.join('; ') : `no ${definition.programs.join(' or ')} on this machine`;
  return { kind, title, optional, reason, command: `${command}, or set ${definition.variable}` };
}

function isChoice(found: Found): found is Choice {
  return 'source' in found;
}

async function installed(definitions: readonly ServerDefinition[], { installer }: ChooseOptions): Promise<string | undefined> {
  const packages = [...new Set(definitions.flatMap((definition) => definition.packages))];
  if (packages.length === 0 || !installer.available) return undefined;
  try {
    await installer.install(packages);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Decides for each server where it comes from: its variable, else a program on the machine, else one that the installer
 * brings, in one go for all that are missing.
 */
export async function chooseServers(definitions: readonly ServerDefinition[], options: ChooseOptions): Promise<Choices> {
  const found = definitions.map((definition) => ({ definition, found: find(definition, options) }));
  const absent = found.filter((entry) => !isChoice(entry.found) && entry.definition.packages.length > 0);
  const failure = await installed(absent.map((entry) => entry.definition), options);
  const again = found.map((entry) => (absent.includes(entry) ? find(entry.definition, options) : entry.found));
  const explain = (server: MissingServer): MissingServer =>
    failure === undefined || server.optional ? server : { ...server, reason: `${server.reason}; installing failed: ${failure}` };
  return { chosen: again.filter(isChoice), missing: again.flatMap((entry) => (isChoice(entry) ? [] : [explain(entry)])) };
}
