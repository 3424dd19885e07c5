import type { Options } from 'tsup';
import { packageBuild } from '../tsup.shared.ts';

const options: Options = packageBuild({ index: 'src/index.ts' });

export default options;
