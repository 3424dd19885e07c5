import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportList, publicPackages } from './public-exports.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

for (const { folder, entries } of publicPackages(root)) {
  writeFileSync(join(root, folder, 'exports.txt'), exportList(entries));
}
