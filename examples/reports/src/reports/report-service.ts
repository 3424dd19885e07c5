import { createHash, randomUUID } from 'node:crypto';
import {
  createIdempotency,
  createTasks,
  type Duration,
  type Idempotency,
  type IdempotencyStore,
  isFinalState,
  type Logger,
  type Tasks,
  type TaskStore,
} from '@tunic/core';
import { analyzeTask, type AnalyzeInput } from './analyze-task.ts';
import { type Report, reportOf } from './report.ts';
import type { ReceivedUpload, UploadFolder } from './upload-folder.ts';
import { webhookTask } from './webhook-task.ts';

/** What {@link ReportService} is made of. */
export interface ReportServiceParts {
  readonly store: TaskStore;
  readonly keys: IdempotencyStore;
  readonly uploads: UploadFolder;
  /** How long a key stays taken whose process was killed. */
  readonly lease: Duration;
  /** How long the receiver of a webhook may take. */
  readonly webhookTimeout: Duration;
  readonly logger: Logger;
}

/** How a report is asked for. */
export interface ReportRequest {
  readonly webhook?: string;
  /** The client's `Idempotency-Key`. */
  readonly key?: string;
  readonly signal: AbortSignal;
}

/** An accepted report. */
export interface Accepted {
  readonly id: string;
  /** Whether this request had been accepted before. */
  readonly replayed: boolean;
}

/** Longer than a live upload goes without a byte, or a file that is being accepted without a task. */
const ABANDONED_MS = 900_000;

/**
 * Takes uploads, makes reports of them in the background, and announces their end. What was accepted is in the task store
 * and on disk, so every step may be cut off and is taken up again.
 */
export class ReportService {
  readonly tasks: Tasks;
  readonly #uploads: UploadFolder;
  readonly #idempotency: Idempotency;
  readonly #analyze: ReturnType<typeof analyzeTask>;
  readonly #webhook: ReturnType<typeof webhookTask>;
  readonly #announcing = new Set<Promise<void>>();

  constructor({ store, keys, uploads, lease, webhookTimeout, logger }: ReportServiceParts) {
    this.#uploads = uploads;
    this.#idempotency = createIdempotency({ store: keys, lease, logger });
    this.#analyze = analyzeTask(uploads, (id) => this.#announceEnd(id));
    this.#webhook = webhookTask({ timeout: webhookTimeout, find: (id) => this.get(id) });
    this.tasks = createTasks({ store, tasks: [this.#analyze, this.#webhook], logger });
  }

  /** Stores the file and the task; both are on disk when it resolves. */
  async accept(source: AsyncIterable<Uint8Array>, request: ReportRequest): Promise<Accepted> {
    const { webhook, key, signal } = request;
    const upload = await this.#uploads.receive(source, signal);
    try {
      const input = { bytes: upload.bytes, ...(webhook === undefined ? {} : { webhook }) };
      if (key === undefined) return { id: await this.#enqueue(randomUUID(), upload, input), replayed: false };
      // The same request makes the same id: repeated after a crash between task and key, it adds no second report.
      const fingerprint = hash(upload.sha256, webhook ?? '');
      const run = (): Promise<string> => this.#enqueue(hash(key, fingerprint), upload, input);
      const { value: id, replayed } = await this.#idempotency.run(`reports:${key}`, run, { fingerprint, signal });
      return { id, replayed };
    } finally {
      await this.#uploads.discard(upload);
    }
  }

  async get(id: string): Promise<Report | undefined> {
    const task = await this.tasks.get(id);
    return task?.name === this.#analyze.name ? reportOf(task) : undefined;
  }

  /** Reports, newest first; `next` is where the next page begins. */
  async list(limit: number, before?: number): Promise<{ reports: Report[]; next: number | null }> {
    const page = { name: this.#analyze.name, limit, ...(before === undefined ? {} : { before }) };
    const found = await this.tasks.list(page);
    return { reports: found.map(reportOf), next: found.length < limit ? null : (found.at(-1)?.seq ?? null) };
  }

  /** Calls a report off; answers it as it then stands, or `undefined` where there is none. */
  async cancel(id: string): Promise<Report | undefined> {
    if ((await this.get(id)) === undefined) return undefined;
    await this.tasks.cancel(id);
    await this.announce(id);
    return await this.get(id);
  }

  /** Tells the receiver of an ended report, then lets its file go. Done again, it does nothing new. */
  async announce(id: string): Promise<void> {
    const task = await this.tasks.get(id);
    if (task !== undefined && !isFinalState(task.state)) return;
    const url = (task?.input as AnalyzeInput | undefined)?.webhook;
    if (url !== undefined) await this.tasks.enqueue(this.#webhook, { report: id, url }, { id: `${id}:webhook` });
    await this.#uploads.remove(id);
  }

  /** Resolves once the ends that workers have told of are announced; one that cannot be is left to {@link tidy}. */
  async announced(): Promise<void> {
    await Promise.allSettled(this.#announcing);
  }

  /** Takes up what a crash has cut off: ends that were not announced, and files that belong to nothing. */
  async tidy(): Promise<void> {
    const now = Date.now();
    for (const id of await this.#uploads.ids()) {
      // A file without a task may be about to get one.
      const isKnown = (await this.tasks.get(id)) !== undefined;
      if (isKnown || (await this.#uploads.isOlder(id, now, ABANDONED_MS))) await this.announce(id);
    }
    await this.#uploads.removeAbandoned(now, ABANDONED_MS);
  }

  async #announceEnd(id: string): Promise<void> {
    const announcing = this.announce(id);
    this.#announcing.add(announcing);
    try {
      await announcing;
    } finally {
      this.#announcing.delete(announcing);
    }
  }

  async #enqueue(id: string, upload: ReceivedUpload, input: AnalyzeInput): Promise<string> {
    await this.#uploads.assign(upload, id);
    try {
      const { created } = await this.tasks.enqueue(this.#analyze, input, { id });
      // It may have ended long ago, and its file been let go.
      if (!created) await this.announce(id);
      return id;
    } catch (error) {
      // Unless an earlier request with this id was accepted, nobody will need the file.
      const isUnknown = await this.tasks.get(id).then((task) => task === undefined, () => false);
      if (isUnknown) await this.#uploads.remove(id);
      throw error;
    }
  }
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
