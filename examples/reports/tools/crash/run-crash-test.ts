import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSemaphore } from '@tunic/core';
import { createSeededRandom } from '../../src/analysis/seeded-random.ts';
import type { Report } from '../../src/reports/report.ts';
import { ServiceProcess } from '../service-process.ts';
import { until } from '../until.ts';
import { WebhookReceiver } from '../webhook-receiver.ts';
import { countFigures, type CrashFigures, type Order } from './figures.ts';
import { createKnownCsv } from './known-csv.ts';

/** How hard the service is treated. */
export interface CrashTestOptions {
  readonly reports: number;
  readonly kills: number;
  readonly seed: number;
  /** Told now and then how it goes. */
  readonly onStep?: (text: string) => void;
}

const SHORTEST_LIFE_MS = 20;
const LONGEST_LIFE_MS = 2_000;
const POSTS_AT_ONCE = 12;
const END_WITHIN_MS = 120_000;
const ANSWER_WITHIN_MS = 30_000;
const TWO_HOURS_S = 7_200;
const FINAL: readonly string[] = ['succeeded', 'failed', 'cancelled'];

/**
 * Gives a service files while killing it over and over, lets it come to rest, and counts what became of them. Each file
 * is sent, under a key of its own, until its 202 has come.
 */
export async function runCrashTest(options: CrashTestOptions): Promise<CrashFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'crash-'));
  try {
    await using receiver = await WebhookReceiver.start();
    return await new CrashTest(options, dataDir, receiver).run();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

class CrashTest {
  readonly #options: CrashTestOptions;
  readonly #dataDir: string;
  readonly #receiver: WebhookReceiver;
  readonly #random: () => number;
  readonly #orders: Order[] = [];
  readonly #posts = createSemaphore(POSTS_AT_ONCE);
  #url: string | undefined;

  constructor(options: CrashTestOptions, dataDir: string, receiver: WebhookReceiver) {
    this.#options = options;
    this.#dataDir = dataDir;
    this.#receiver = receiver;
    this.#random = createSeededRandom(options.seed);
  }

  async run(): Promise<CrashFigures> {
    const { reports, kills } = this.#options;
    const posts: Promise<void>[] = [];
    for (let kill = 1; kill <= kills; kill++) {
      const due = Math.ceil((reports * kill) / (kills + 1));
      await this.#live(async () => {
        while (this.#orders.length < due) posts.push(this.#post(this.#newOrder()));
        await pause(SHORTEST_LIFE_MS + this.#random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
      });
      this.#options.onStep?.(`kill ${kill} of ${kills}: ${this.#orders.filter(({ ids }) => ids.size > 0).length} of ${this.#orders.length} files accepted so far`);
    }
    const aftermath = await this.#live(async (url) => {
      while (this.#orders.length < reports) posts.push(this.#post(this.#newOrder()));
      await Promise.all(posts);
      return await this.#rest(url);
    });
    const cutOffFiles = await this.#age();
    const staleFiles = await this.#live(async () => await until(async () => (await this.#files()).length === 0, { withinMs: 5_000 }).then(() => 0, async () => (await this.#files()).length));
    return countFigures({ ...aftermath, orders: this.#orders, deliveries: this.#receiver.deliveries, cutOffFiles, staleFiles });
  }

  /** One life of the service, from its start to its death. */
  async #live<T>(work: (url: string) => Promise<T>): Promise<T> {
    await using service = await ServiceProcess.start({ dataDir: this.#dataDir, env: { TASK_LEASE: '2s', LOG_LEVEL: 'warn' } });
    this.#url = service.url;
    const diedByItself = service.ended().then((how) => Promise.reject(new Error(`the service ended by itself (${String(how)}): ${service.output}`)));
    try {
      return await Promise.race([work(service.url), diedByItself]);
    } finally {
      diedByItself.catch(() => undefined);
      this.#url = undefined;
    }
  }

  #newOrder(): Order {
    const index = this.#orders.length;
    const order = { key: `order-${index}`, csv: createKnownCsv(index, this.#random), ids: new Set<string>(), retries: 0 };
    this.#orders.push(order);
    return order;
  }

  /** Sends until there is a 202; once in a while the client asks again although it had its answer. */
  async #post(order: Order): Promise<void> {
    const wanted = this.#random() < 0.1 ? 2 : 1;
    for (let answers = 0; answers < wanted; ) {
      const id = await this.#posts.run(() => this.#tryPost(order));
      if (id === undefined) order.retries++;
      else {
        order.ids.add(id);
        answers++;
      }
    }
  }

  async #tryPost({ key, csv }: Order): Promise<string | undefined> {
    const url = await until(() => this.#url, { withinMs: END_WITHIN_MS, what: 'the service to live' });
    try {
      const target = `${url}/reports?webhook=${encodeURIComponent(this.#receiver.url)}`;
      const headers = { 'content-type': 'text/csv', 'idempotency-key': key };
      const reply = await fetch(target, { method: 'POST', body: csv.text, headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      if (reply.status === 202) return ((await reply.json()) as { id: string }).id;
      if (reply.status < 500) throw new TypeError(`the service answered ${reply.status}: ${await reply.text()}`);
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith('the service answered')) throw error;
    }
    await pause(20);
    return undefined;
  }

  /** Waits until all reports have ended, are announced and their files let go; what has not by the deadline is counted as it is. */
  async #rest(url: string): Promise<{ reports: Report[]; leftFiles: number }> {
    const leftFiles = async (): Promise<number> => (await this.#files()).filter((name) => name.endsWith('.csv')).length;
    const announced = (): number => new Set(this.#receiver.deliveries.map(({ key }) => key)).size;
    const isAtRest = async (): Promise<boolean> => announced() >= this.#orders.length && (await leftFiles()) === 0 && (await listAll(url)).every(({ state }) => FINAL.includes(state));
    await until(isAtRest, { withinMs: END_WITHIN_MS }).catch((error: unknown) => this.#options.onStep?.(String(error)));
    return { reports: await listAll(url), leftFiles: await leftFiles() };
  }

  #files(): Promise<string[]> {
    return readdir(join(this.#dataDir, 'uploads'));
  }

  /** Makes the files that are left look two hours old. */
  async #age(): Promise<number> {
    const names = await this.#files();
    const then = Date.now() / 1000 - TWO_HOURS_S;
    for (const name of names) await utimes(join(this.#dataDir, 'uploads', name), then, then);
    return names.filter((name) => !name.endsWith('.csv')).length;
  }
}

async function listAll(url: string): Promise<Report[]> {
  const reports: Report[] = [];
  for (let query = '?limit=100'; ; ) {
    const page = (await (await fetch(`${url}/reports${query}`)).json()) as { reports: Report[]; next: number | null };
    reports.push(...page.reports);
    if (page.next === null) return reports;
    query = `?limit=100&before=${page.next}`;
  }
}
