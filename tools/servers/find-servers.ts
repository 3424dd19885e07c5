import { fileURLToPath } from 'node:url';
import { aptInstaller } from './apt-installer.ts';
import { type Choices, chooseServers } from './choose-servers.ts';
import { definitions } from './definitions.ts';
import { type MissingServer } from './server-kind.ts';

/** Set by the test command's `--allow-missing`. */
export const ALLOW_MISSING = 'TUNIC_ALLOW_MISSING';

/** Says that a server is missing, why, and what to do. */
export function describeMissing({ title, reason, command }: MissingServer): string {
  return `${title}: ${reason}. To mend it: ${command}`;
}

/** Finds every server for this machine; rejects, naming each that is missing, unless missing ones are allowed. */
export async function findServers(): Promise<Choices> {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const choices = await chooseServers(definitions, {
    environment: process.env,
    places: { path: process.env['PATH'] ?? '', root: '/', repository },
    installer: aptInstaller,
  });
  const fatal = choices.missing.filter(({ optional }) => !optional);
  if (fatal.length > 0 && process.env[ALLOW_MISSING] !== '1')
    throw new Error([...fatal.map(describeMissing), 'To run without: npm test -- --allow-missing'].join('\n'));
  return choices;
}
