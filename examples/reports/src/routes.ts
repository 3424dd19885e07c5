import { isTunicError } from '@tunic/core';
import { type Body, bodyStream, type Handler, type HttpContext, problem } from '@tunic/node-http';
import type { Page } from './page/page.ts';
import type { ReportService } from './reports/report-service.ts';
import { UploadError } from './upload/upload-error.ts';

/** What the routes need. */
export interface RouteParts {
  readonly service: ReportService;
  readonly page: Page;
  readonly webhookHosts: readonly string[];
  /** What is wrong, if anything is. */
  readonly health: () => Promise<Record<string, string>>;
}

type Route = (ctx: HttpContext, parts: RouteParts, id: string) => Promise<Body> | Body;

const RETRY_AFTER_SECONDS = 1;
const CSV_TYPES = ['text/csv', 'application/csv', 'text/tab-separated-values'];

/** Every path of the service with its methods. */
const ROUTES: readonly { path: RegExp; template: string; methods: Readonly<Record<string, Route>> }[] = [
  { path: /^\/$/, template: '/', methods: { GET: showPage } },
  { path: /^\/health$/, template: '/health', methods: { GET: showHealth } },
  { path: /^\/reports$/, template: '/reports', methods: { GET: listReports, POST: createReport } },
  { path: /^\/reports\/([^/]+)$/, template: '/reports/:id', methods: { GET: getReport, DELETE: cancelReport } },
];

/** The handler inside the onion. */
export function createRoutes(parts: RouteParts): Handler {
  return async (ctx) => {
    for (const { path, template, methods } of ROUTES) {
      const match = path.exec(ctx.path);
      if (match === null) continue;
      ctx.route = template;
      const route = methods[ctx.method === 'HEAD' ? 'GET' : ctx.method];
      if (route !== undefined) return await answer(() => route(ctx, parts, match[1] ?? ''), ctx);
      ctx.head.set('allow', Object.keys(methods).join(', '));
      throw problem(405, `${ctx.method} is not possible here.`);
    }
    throw problem(404, 'There is nothing at this path.');
  };
}

/** A client that finds the database locked is told when to come again. */
async function answer(route: () => Promise<Body> | Body, ctx: HttpContext): Promise<Body> {
  try {
    return await route();
  } catch (error) {
    if (isTunicError(error, 'ERR_TUNIC_STORE_BUSY')) ctx.head.set('retry-after', RETRY_AFTER_SECONDS);
    throw error;
  }
}

function showPage(ctx: HttpContext, { page }: RouteParts): Body {
  for (const [name, value] of Object.entries(page.headers)) ctx.head.set(name, value);
  return page.html;
}

async function showHealth(ctx: HttpContext, { health }: RouteParts): Promise<Body> {
  const faults = await health();
  const isWell = Object.keys(faults).length === 0;
  ctx.status = isWell ? 200 : 503;
  return { status: isWell ? 'ok' : 'unavailable', faults };
}

async function listReports(ctx: HttpContext, { service }: RouteParts): Promise<Body> {
  return await service.list(wholeNumber(ctx, 'limit', 100) ?? 20, wholeNumber(ctx, 'before', Number.MAX_SAFE_INTEGER));
}

async function createReport(ctx: HttpContext, { service, webhookHosts }: RouteParts): Promise<Body> {
  checkContentType(ctx);
  const webhook = readWebhook(ctx, webhookHosts);
  const key = readIdempotencyKey(ctx);
  const source = bodyStream(ctx, { limit: Infinity });
  try {
    const { id, replayed } = await service.accept(source, {
      ...(webhook === undefined ? {} : { webhook }),
      ...(key === undefined ? {} : { key }),
      signal: ctx.signal,
    });
    const url = `/reports/${id}`;
    ctx.status = 202;
    ctx.head.set('location', url);
    if (replayed) ctx.head.set('idempotency-replayed', 'true');
    return { id, url };
  } catch (error) {
    if (error instanceof UploadError)
      throw problem(error.status, error.detail, error.line === undefined ? {} : { line: error.line });
    throw error;
  } finally {
    // What a refused client goes on sending is not kept.
    source.destroy();
  }
}

async function getReport(_: HttpContext, { service }: RouteParts, id: string): Promise<Body> {
  return (await service.get(id)) ?? notFound();
}

async function cancelReport(_: HttpContext, { service }: RouteParts, id: string): Promise<Body> {
  const report = (await service.cancel(id)) ?? notFound();
  if (report.state !== 'cancelled') throw problem(409, `The report has ${report.state} already.`, { state: report.state });
  return report;
}

function notFound(): never {
  throw problem(404, 'There is no such report, or it is no longer kept.');
}

function checkContentType(ctx: HttpContext): void {
  const [type = '', ...parameters] = (ctx.header('content-type') ?? '').toLowerCase().split(';');
  if (!CSV_TYPES.includes(type.trim()))
    throw problem(415, `Send the file as text/csv; this came as ${type.trim() === '' ? 'no type at all' : type.trim()}.`);
  const charset = parameters.map((text) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(text)?.[1]).find((text) => text !== undefined);
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset))
    throw problem(415, `Send the file as UTF-8; this came as ${charset}.`);
  const encoding = ctx.header('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw problem(415, `Send the file as it is; this came with the content encoding ${encoding}.`);
}

function readWebhook(ctx: HttpContext, hosts: readonly string[]): string | undefined {
  const text = ctx.query.get('webhook');
  if (text === null) return undefined;
  if (!URL.canParse(text)) throw problem(422, 'webhook: expected an absolute http or https URL.');
  const url = new URL(text);
  if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw problem(422, 'webhook: expected an http or https URL without a user name or password.');
  if (!hosts.includes('*') && !hosts.includes(url.hostname))
    throw problem(422, 'webhook: this host is not among those that the service may call.');
  return url.href;
}

function readIdempotencyKey(ctx: HttpContext): string | undefined {
  const key = ctx.header('idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw problem(400, 'Idempotency-Key: expected 1 to 255 visible ASCII characters.');
}

function wholeNumber(ctx: HttpContext, name: string, max: number): number | undefined {
  const text = ctx.query.get(name);
  if (text === null) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  throw problem(400, `${name}: expected a whole number from 1 to ${max}.`);
}
