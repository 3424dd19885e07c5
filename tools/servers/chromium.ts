import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptInstaller } from './apt-installer.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/homebrew/bin'];
const APPLICATIONS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];
const MEND = 'sudo apt-get install -y --no-install-recommends chromium, or set CHROMIUM';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function search(path: string): string | undefined {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...FOLDERS];
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...APPLICATIONS].find(isProgram);
}

/**
 * Finds a Chromium: the variable `CHROMIUM`, else one on the machine, else one that is installed now. Rejects with the
 * command that would mend it.
 */
export async function findChromium(environment: Readonly<Record<string, string | undefined>> = process.env): Promise<string> {
  const named = environment['CHROMIUM'] ?? '';
  if (named !== '' && isProgram(named)) return named;
  if (named !== '') throw new Error(`CHROMIUM: ${named} is no program that can be run. To mend it: ${MEND}`);
  const path = environment['PATH'] ?? '';
  const found = search(path);
  if (found !== undefined) return found;
  if (!aptInstaller.available) throw new Error(`Chromium: there is none on this machine. To mend it: ${MEND}`);
  await aptInstaller.install(['chromium']);
  const installed = search(path);
  if (installed === undefined) throw new Error(`Chromium: it was installed, but cannot be found. To mend it: ${MEND}`);
  return installed;
}
