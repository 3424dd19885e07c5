import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTasks, type Logger, silentLogger, type TaskSnapshot } from '@tunic/core';
import type { RunningServer } from '@tunic/node-http';
import { createSqlTaskStore, openSqlite, type SqliteClient } from '@tunic/sql-adapter';
import { afterEach, expect } from 'vitest';
import type { Report } from '../../src/reports/report.ts';
import { startService } from '../../src/service.ts';
import { readSettings, type Settings } from '../../src/settings.ts';
import { until } from '../../tools/until.ts';

/** A reply with its JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a request can carry; a stream is sent piece by piece. */
export type Upload = NonNullable<RequestInit['body']> | AsyncIterable<Uint8Array>;

/** What {@link TestService.post} sends beside the file. */
export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** After `/reports`. */
  readonly query?: string;
  readonly signal?: AbortSignal;
}

const DATA = fileURLToPath(new URL('../../../../node_modules/vega-datasets/data/', import.meta.url));

/** The path of a real data set. */
export function dataSet(name: string): string {
  return join(DATA, name);
}

/** One service on a folder of its own, and the calls of its API. */
export class TestService {
  readonly #settings: Settings;
  readonly #logger: Logger;
  #server: RunningServer;

  private constructor(settings: Settings, logger: Logger, server: RunningServer) {
    this.#settings = settings;
    this.#logger = logger;
    this.#server = server;
  }

  static async start(settings: Settings, logger: Logger): Promise<TestService> {
    return new TestService(settings, logger, await startService(settings, logger));
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  get server(): RunningServer {
    return this.#server;
  }

  get databaseFile(): string {
    return join(this.#settings.dataDir, 'reports.db');
  }

  get uploadFolder(): string {
    return join(this.#settings.dataDir, 'uploads');
  }

  async call(method: string, path: string, init: RequestInit = {}): Promise<Reply> {
    const reply = await fetch(this.url + path, { method, ...init });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, body: text.startsWith('{') ? (JSON.parse(text) as Reply['body']) : { text } };
  }

  get(path: string): Promise<Reply> {
    return this.call('GET', path);
  }

  post(body: Upload, options: PostOptions = {}): Promise<Reply> {
    const { headers, query = '', ...rest } = options;
    const init = { ...rest, headers: { 'content-type': 'text/csv', ...headers }, body: body as NonNullable<RequestInit['body']>, duplex: 'half' as const };
    return this.call('POST', `/reports${query}`, init);
  }

  /** Sends a file that must be accepted; answers the id of its report. */
  async accepted(body: Upload, options: PostOptions = {}): Promise<string> {
    const reply = await this.post(body, options);
    expect(reply.body).toEqual({ id: expect.any(String) as string, url: expect.any(String) as string });
    expect(reply.status).toBe(202);
    return String(reply.body['id']);
  }

  async report(id: string): Promise<Report> {
    return (await this.get(`/reports/${id}`)).body as unknown as Report;
  }

  /** The report once it has come to this state. */
  async reached(id: string, state: Report['state']): Promise<Report> {
    return await until(async () => {
      const report = await this.report(id);
      return report.state === state && report;
    }, { what: `report ${id} to be ${state}` });
  }

  async list(query = ''): Promise<Report[]> {
    return (await this.get(`/reports${query}`)).body['reports'] as Report[];
  }

  /** What is in the folder of the uploads. */
  files(): Promise<string[]> {
    return readdir(this.uploadFolder);
  }

  async close(): Promise<void> {
    await this.#server.close({ grace: 0 });
  }

  /** Starts the service anew on the same folder, once it is closed. */
  async open(): Promise<void> {
    this.#server = await startService(this.#settings, this.#logger);
  }

  async restart(): Promise<void> {
    await this.#server.close();
    await this.open();
  }

  /** Looks at a task in the database, webhooks included. */
  async task(id: string): Promise<TaskSnapshot | undefined> {
    using client = await openSqlite(this.databaseFile);
    await using store = createSqlTaskStore({ client, migrate: false });
    return await createTasks({ store, tasks: [] }).get(id);
  }

  /** A connection to the database beside that of the service. */
  connect(): Promise<SqliteClient & Disposable> {
    return openSqlite(this.databaseFile);
  }

  /** Nothing was left behind, and the service does its work. */
  async expectWell(): Promise<void> {
    await until(async () => (await this.files()).length === 0, { what: 'an empty folder of uploads' });
    expect((await this.get('/health')).body).toEqual({ status: 'ok', faults: {} });
    const id = await this.accepted('city,degrees\nOslo,4\nRome,16\n');
    expect((await this.reached(id, 'succeeded')).result?.columns[1]?.mean).toBe(10);
    await until(async () => (await this.files()).length === 0, { what: 'the file of an ended report to be let go' });
  }
}

/** Starts services for a test; after it they are closed, nothing has crashed, and their folders are gone. */
export function useService(): (overrides?: Partial<Settings>, logger?: Logger) => Promise<TestService> {
  const services: TestService[] = [];
  const folders: string[] = [];
  const crashes: unknown[] = [];
  const crash = (error: unknown): void => void crashes.push(error);

  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.close()));
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
    process.off('unhandledRejection', crash);
    expect(crashes.splice(0)).toEqual([]);
  });

  return async (overrides = {}, logger = silentLogger) => {
    if (services.length === 0) process.on('unhandledRejection', crash);
    const dataDir = await mkdtemp(join(tmpdir(), 'reports-'));
    folders.push(dataDir);
    const service = await TestService.start({ ...readSettings({ PORT: '0', DATA_DIR: dataDir }), ...overrides }, logger);
    services.push(service);
    return service;
  };
}
