import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readChunks } from '../analysis/read-chunks.ts';
import { UploadError } from './upload-error.ts';
import { UploadInspector, type InspectionOptions, type UploadFacts } from './upload-inspector.ts';

/** Options of {@link receiveUpload}. */
export interface ReceiveUploadOptions extends InspectionOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The disk, the quota, or the largest file that the file system or the process may have. */
const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function explain(error: unknown): unknown {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return NO_ROOM.has(code) ? new UploadError(507, 'The disk of the service is full; nothing of the file was kept.', { cause: error }) : error;
}

async function writeChecked(source: AsyncIterable<Uint8Array>, part: string, options: ReceiveUploadOptions): Promise<UploadFacts> {
  const inspector = new UploadInspector(options);
  await using file = await open(part, 'w');
  for await (const chunk of readChunks(source, { signal: options.signal, keepOpen: true })) {
    inspector.check(chunk);
    await file.writeFile(chunk);
  }
  const facts = inspector.end();
  await file.sync();
  return facts;
}

/** A rename survives a power cut only once the folder is on disk too. */
async function syncFolder(path: string): Promise<void> {
  // Windows has no handle for a folder, and writes renames through by itself.
  if (process.platform === 'win32') return;
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

/**
 * Stores an upload at `path`, checked and on disk, or leaves nothing: the file is there only once it is complete.
 *
 * The source is not closed when the upload is refused, since over HTTP that would cut off the reply; ending the
 * connection is up to the caller. When the signal aborts it rejects with its reason at once.
 *
 * @throws UploadError with the status to reply (507 for a full disk); errors of the source and of the disk as they are
 */
export async function receiveUpload(source: AsyncIterable<Uint8Array>, path: string, options: ReceiveUploadOptions = {}): Promise<UploadFacts> {
  const part = `${path}.part`;
  try {
    const facts = await writeChecked(source, part, options);
    options.signal?.throwIfAborted();
    await rename(part, path);
    await syncFolder(path);
    return facts;
  } catch (error) {
    // What went wrong first is what counts.
    await rm(part, { force: true }).catch(() => undefined);
    throw explain(error);
  }
}
