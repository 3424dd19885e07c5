import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { receiveUpload } from '../upload/receive-upload.ts';
import type { UploadFacts } from '../upload/upload-inspector.ts';

/** A file that was received whole and belongs to no report yet. */
export interface ReceivedUpload extends UploadFacts {
  readonly path: string;
}

const ENDING = '.csv';

/**
 * The uploaded files, each named after its report. A file lives from before its report is accepted until the end of the
 * report has been announced, so what is in the folder is what is left to do.
 */
export class UploadFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async create(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
  }

  /** Stores a stream, checked and on disk, under a name of its own. */
  async receive(source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ReceivedUpload> {
    const path = join(this.#folder, `${randomUUID()}.incoming`);
    return { path, ...(await receiveUpload(source, path, { signal })) };
  }

  /** Makes a received file that of a report. */
  async assign(upload: ReceivedUpload, id: string): Promise<void> {
    await rename(upload.path, this.pathOf(id));
    await using folder = await open(this.#folder, 'r');
    await folder.sync();
  }

  async discard(upload: ReceivedUpload): Promise<void> {
    await rm(upload.path, { force: true });
  }

  pathOf(id: string): string {
    return join(this.#folder, id + ENDING);
  }

  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
  }

  /** The ids of all reports whose file is there. */
  async ids(): Promise<string[]> {
    const names = await readdir(this.#folder);
    return names.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length));
  }

  /** Whether a report's file, if there is one, was last written before `now - ageMs`. */
  async isOlder(id: string, now: number, ageMs: number): Promise<boolean> {
    return await isOlder(this.pathOf(id), now, ageMs);
  }

  /** Removes what interrupted uploads left behind, unless it may still be written to. */
  async removeAbandoned(now: number, ageMs: number): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => !name.endsWith(ENDING));
    for (const path of names.map((name) => join(this.#folder, name)))
      if (await isOlder(path, now, ageMs)) await rm(path, { force: true });
  }
}

async function isOlder(path: string, now: number, ageMs: number): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts !== undefined && now - facts.mtimeMs > ageMs;
}
