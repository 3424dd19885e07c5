import { resolve } from 'node:path';
import { type Duration, toMilliseconds } from '@tunic/core';

/** How the service runs; read once, at start. */
export interface Settings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly dataDir: string;
  /** Reports worked on at once. */
  readonly concurrency: number;
  /** How long a killed process keeps its reports, and the keys of uploads that it was accepting, from others. */
  readonly lease: Duration;
  /** How long a request waits for a database that another process has locked. */
  readonly busyTimeout: Duration;
  /** How long the receiver of a webhook may take. */
  readonly webhookTimeout: Duration;
  /** How long the service goes on accepting after `/health` says that it drains, so that a load balancer can notice. */
  readonly drainDelay: Duration;
  /** How long requests under way may take to end when the service drains. */
  readonly drainGrace: Duration;
  /** Hosts that webhooks may be sent to; `*`: any. */
  readonly webhookHosts: readonly string[];
  readonly logLevel: string;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/** Reads the environment; the error of a bad variable names it, what it should be and what it was. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  return {
    host: env['HOST'] ?? '127.0.0.1',
    port: integer(env, 'PORT', 3000, 0, 65_535),
    dataDir: resolve(env['DATA_DIR'] ?? '.data'),
    concurrency: integer(env, 'CONCURRENCY', 2, 1, 64),
    lease: duration(env, 'TASK_LEASE', '10s'),
    busyTimeout: duration(env, 'BUSY_TIMEOUT', '5s'),
    webhookTimeout: duration(env, 'WEBHOOK_TIMEOUT', '10s'),
    drainDelay: duration(env, 'DRAIN_DELAY', '0ms'),
    drainGrace: duration(env, 'DRAIN_GRACE', '10s'),
    webhookHosts: (env['WEBHOOK_HOSTS'] ?? '*').split(',').map((host) => host.trim().toLowerCase()),
    logLevel: oneOf(env, 'LOG_LEVEL', 'info', LOG_LEVELS),
  };
}

function integer(env: Readonly<Record<string, string | undefined>>, name: string, fallback: number, min: number, max: number): number {
  const text = env[name] ?? String(fallback);
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`${name}: expected a whole number from ${min} to ${max}, received ${JSON.stringify(text)}`);
}

function duration(env: Readonly<Record<string, string | undefined>>, name: string, fallback: Duration): Duration {
  const value = (env[name] ?? fallback) as Duration;
  toMilliseconds(value, name);
  return value;
}

function oneOf(env: Readonly<Record<string, string | undefined>>, name: string, fallback: string, values: readonly string[]): string {
  const value = env[name] ?? fallback;
  if (values.includes(value)) return value;
  throw new Error(`${name}: expected one of ${values.join(', ')}, received ${JSON.stringify(value)}`);
}
