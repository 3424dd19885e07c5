import type { Options } from 'tsup';
import { packageBuild } from '../tsup.shared.ts';

const options: Options = packageBuild({
  index: 'src/index.ts',
  'testing/index': 'src/testing/index.ts',
  'context/storage/async-local': 'src/context/storage/async-local.ts',
  'context/storage/synchronous': 'src/context/storage/synchronous.ts',
});

export default options;
