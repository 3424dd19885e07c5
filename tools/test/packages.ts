/** Checks every package as it would be published. They must have been built. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage } from './check-package.ts';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));
const destination = mkdtempSync(join(tmpdir(), 'tunic-pack-'));
process.on('exit', () => rmSync(destination, { recursive: true, force: true }));
process.once('SIGTERM', () => process.exit(143));

const folders = readdirSync(packages, { withFileTypes: true }).filter((entry) => entry.isDirectory());
await Promise.all(
  folders.map(async ({ name }) => {
    const problems = await checkPackage(join(packages, name), destination);
    for (const problem of problems) console.error(`${name}: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
    else console.log(`${name}: as it should be`);
  }),
);
