import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveUpload } from '../../src/upload/receive-upload.ts';

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'upload-'));
  path = join(folder, 'upload.csv');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function* source(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array, void> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

/** Gives its bytes and then hangs for ever. */
async function* hanging(...chunks: readonly string[]): AsyncGenerator<Uint8Array, void> {
  yield* source(...chunks);
  await new Promise(() => undefined);
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition never came true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('receiveUpload', () => {
  it('stores the bytes unchanged and leaves nothing else', async () => {
    const facts = await receiveUpload(source('\uFEFFa,b\r\n', Buffer.from([0xe2, 0x82]), Buffer.from([0xac]), ',2\n'), path);
    expect(facts.bytes).toBe(14);
    expect(facts.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await readFile(path, 'utf8')).toBe('\uFEFFa,b\r\n€,2\n');
    expect(await readdir(folder)).toEqual(['upload.csv']);
  });

  it('shows the file only once it is complete, and takes over a part file that a crash left', async () => {
    const controller = new AbortController();
    const result = receiveUpload(hanging('a,b\n'), path, { signal: controller.signal });
    await until(() => existsSync(`${path}.part`));
    expect(existsSync(path)).toBe(false);
    controller.abort();
    await expect(result).rejects.toBe(controller.signal.reason);
    await receiveUpload(source('a\n'), path);
    expect(await readdir(folder)).toEqual(['upload.csv']);
  });

  it.each([
    ['broken UTF-8 split over chunks', [Buffer.from([0x61, 0xe2]), Buffer.from([0x82, 0x61])], 422],
    ['a binary file', [Buffer.from([0x50, 0x4b, 0])], 415],
    ['nothing', [], 400],
    ['too much', ['12345', '67890'], 413],
  ])('refuses %s and leaves nothing', async (_, chunks, status) => {
    await expect(receiveUpload(source(...chunks), path, { maxBytes: 9 })).rejects.toMatchObject({ name: 'UploadError', status });
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves the source open when it refuses, so that a reply can be sent', async () => {
    const request = new Readable({ read: () => undefined });
    request.push(Buffer.from([0]));
    await expect(receiveUpload(request, path)).rejects.toMatchObject({ status: 415 });
    expect(request.destroyed).toBe(false);
    request.destroy();
  });

  it('leaves nothing when the client hangs up', async () => {
    const request = new Readable({ read: () => undefined });
    request.push(Buffer.from('a,b\n'));
    const result = receiveUpload(request, path);
    await until(() => existsSync(`${path}.part`) && statSync(`${path}.part`).size === 4);
    const gone = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    request.destroy(gone);
    await expect(result).rejects.toBe(gone);
    expect(await readdir(folder)).toEqual([]);
  });

  it('rejects at once when aborted, even if the source hangs, and leaves nothing', async () => {
    const reason = new Error('draining');
    const controller = new AbortController();
    const result = receiveUpload(hanging('a,b\n', '1,2\n'), path, { signal: controller.signal });
    await until(() => existsSync(`${path}.part`));
    controller.abort(reason);
    await expect(result).rejects.toBe(reason);
    await expect(receiveUpload(source('a'), path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says so when the folder is missing', async () => {
    await expect(receiveUpload(source('a'), join(folder, 'none', 'upload.csv'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.runIf(existsSync('/dev/full'))('answers 507 on a full disk and leaves nothing', async () => {
    await symlink('/dev/full', `${path}.part`);
    await expect(receiveUpload(source('a,b\n'), path)).rejects.toMatchObject({
      status: 507,
      detail: 'The disk of the service is full; nothing of the file was kept.',
      cause: { code: 'ENOSPC' },
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
