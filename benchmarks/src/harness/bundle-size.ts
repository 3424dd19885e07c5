import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { SizeRow } from './row.ts';

/** What a size row came to. */
export interface SizeResult {
  readonly row: SizeRow;
  readonly bytes?: number;
  readonly error?: string;
}

/** Bundles what a user's program would import, for a browser, and answers its size minified and gzipped. */
export async function bundleSize(row: SizeRow, folder: string): Promise<SizeResult> {
  try {
    const { outputFiles } = await build({
      stdin: { contents: row.source, resolveDir: folder },
      ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'silent' },
    });
    const [file] = outputFiles;
    if (file === undefined) throw new Error('nothing was bundled');
    return { row, bytes: gzipSync(file.contents, { level: 9 }).length };
  } catch (error) {
    return { row, error: error instanceof Error ? error.message : String(error) };
  }
}
