import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Report } from '../src/reports/report.ts';
import { sendCsv } from './send-csv.ts';
import { ServiceProcess } from './service-process.ts';
import { until } from './until.ts';

/** What a large file costs the service. */
export interface MemoryFigures {
  readonly rows: number;
  readonly startBytes: number;
  /** At most, over upload and report. */
  readonly highestBytes: number;
  readonly uploadMs: number;
  readonly reportMs: number;
}

const WITHIN_MS = 300_000;

/** Has a generated file of about `bytes` bytes uploaded and analysed by a service of its own, after a small one to warm it up. */
export async function measureMemory(bytes: number): Promise<MemoryFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'memory-'));
  try {
    await using service = await ServiceProcess.start({ dataDir, env: { LOG_LEVEL: 'warn' } });
    await ended(service.url, await sendCsv(service.url, 1e6));
    const startBytes = service.memory().now;
    const began = performance.now();
    const id = await sendCsv(service.url, bytes);
    const uploaded = performance.now();
    const { result } = await ended(service.url, id);
    return { rows: result?.rows ?? 0, startBytes, highestBytes: service.memory().highest, uploadMs: uploaded - began, reportMs: performance.now() - uploaded };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function ended(url: string, id: string): Promise<Report> {
  return await until(async () => {
    const report = (await (await fetch(`${url}/reports/${id}`)).json()) as Report;
    return report.state === 'succeeded' && report;
  }, { withinMs: WITHIN_MS, what: 'the report' });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const megabytes = Number(process.argv[2] ?? 200);
  const { rows, startBytes, highestBytes, uploadMs, reportMs } = await measureMemory(megabytes * 1e6);
  const inMegabytes = (count: number): string => `${(count / 1e6).toFixed(0)} MB`;
  console.table({ file: `${megabytes} MB`, rows, start: inMegabytes(startBytes), highest: inMegabytes(highestBytes), growth: inMegabytes(highestBytes - startBytes), uploadMs: Math.round(uploadMs), reportMs: Math.round(reportMs) });
}
