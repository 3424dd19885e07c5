import { checkPackage as checkTypes, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Packs the package in `folder` as it would be published; returns the archive. */
async function pack(folder: string, destination: string): Promise<Uint8Array<ArrayBuffer>> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', destination], { cwd: folder });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  if (packed === undefined) throw new Error(`npm packed nothing in ${folder}`);
  return new Uint8Array(await readFile(join(destination, packed.filename)));
}

/** The resolution of Node 10 knows no `exports`; every Node that the packages support does. */
function concerns(problem: Problem): boolean {
  return !('resolutionKind' in problem && problem.resolutionKind === 'node10');
}

function explain(problem: Problem): string {
  const where = Object.entries(problem).filter(([key, value]) => key !== 'kind' && typeof value === 'string');
  return `types: ${problem.kind} (${where.map(([key, value]) => `${key} ${String(value)}`).join(', ')})`;
}

/** What would go wrong for those who install the package in `folder`: its manifest by publint, its types by arethetypeswrong. */
export async function checkPackage(folder: string, destination: string): Promise<string[]> {
  const archive = await pack(folder, destination);
  const { messages, pkg } = await publint({ strict: true, level: 'warning', pack: { tarball: archive.buffer } });
  const types = await checkTypes(createPackageFromTarballData(archive));
  return [
    ...messages.map((message) => `manifest: ${formatMessage(message, pkg, { color: false }) ?? message.code}`),
    ...(types.types === false ? ['types: the package has none'] : types.problems.filter(concerns).map(explain)),
  ];
}
