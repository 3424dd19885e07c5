import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createLifespan, type Logger, systemClock } from '@tunic/core';
import { accessLog, createStack, requestId, type RunningServer, serve } from '@tunic/node-http';
import { createSqlIdempotencyStore, createSqlTaskStore, openSqlite } from '@tunic/sql-adapter';
import { loadPage } from './page/page.ts';
import { ReportService } from './reports/report-service.ts';
import { UploadFolder } from './reports/upload-folder.ts';
import { createRoutes } from './routes.ts';
import type { Settings } from './settings.ts';

const TIDY_INTERVAL_MS = 30_000;
const WEBHOOK_CONCURRENCY = 20;

/** Opens the data folder and starts the service; closing the server stops all of it. */
export async function startService(settings: Settings, logger: Logger): Promise<RunningServer> {
  await mkdir(settings.dataDir, { recursive: true });
  const uploads = new UploadFolder(join(settings.dataDir, 'uploads'));
  await uploads.create();
  const { busyTimeout, webhookTimeout, lease } = settings;
  const client = await openSqlite(join(settings.dataDir, 'reports.db'), { busyTimeout });
  const store = createSqlTaskStore({ client, busyTimeout, logger });
  const keys = createSqlIdempotencyStore({ client, busyTimeout });
  const service = new ReportService({ store, keys, uploads, lease, webhookTimeout, logger });
  const workers = [
    service.tasks.worker({ queues: ['reports'], concurrency: settings.concurrency, lease }),
    service.tasks.worker({ queues: ['webhooks'], concurrency: WEBHOOK_CONCURRENCY, lease }),
  ];

  const lifespan = createLifespan({ logger });
  lifespan.add({
    name: 'store',
    stop: async () => {
      await keys[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      client.close();
    },
  });
  lifespan.add({ name: 'tasks', stop: () => service.tasks.close() });
  lifespan.add({ name: 'announcements', stop: () => service.announced() });
  lifespan.add({
    name: 'workers',
    start: () => Promise.all(workers.map((worker) => worker.start())),
    stop: () => Promise.all(workers.map((worker) => worker.stop())),
  });
  lifespan.add({ name: 'tidying', start: ({ signal }) => void keepTidy(service, logger, signal) });

  const page = await loadPage();
  const health = async (): Promise<Record<string, string>> => {
    if (!server.ready) return { server: 'the service is shutting down' };
    return await service.list(1).then(
      () => ({}),
      () => ({ store: 'the task store does not answer' }),
    );
  };
  const listener = createStack({ logger })
    .use(requestId())
    .use(accessLog({ logger }))
    .listener(createRoutes({ service, page, webhookHosts: settings.webhookHosts, health }));
  const { host, port, drainDelay, drainGrace } = settings;
  const server = await serve(listener, { host, port, lifespan, logger, drain: { delay: drainDelay, grace: drainGrace } });
  return server;
}

/** Tidies now and then until the signal aborts. */
async function keepTidy(service: ReportService, logger: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await service.tidy().catch((error: unknown) => logger.error({ err: error }, 'tidying failed; trying again'));
    await systemClock.sleep(TIDY_INTERVAL_MS, signal).catch(() => undefined);
  }
}
