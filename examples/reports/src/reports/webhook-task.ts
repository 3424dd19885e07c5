import { defineTask, type Duration, exponential, type TaskDefinition, type TaskRun, toMilliseconds } from '@tunic/core';
import type { Report } from './report.ts';

/** Which report to tell of, and whom. */
export interface WebhookInput {
  readonly report: string;
  readonly url: string;
}

/** A reply that says that the receiver did not take the report. */
class WebhookRefusedError extends Error {
  override readonly name = 'WebhookRefusedError';
  /** The receiver may take it later: it is overloaded, slow or broken, rather than unwilling. */
  readonly retryable: boolean;

  constructor(status: number) {
    super(`the receiver answered ${status}`);
    this.retryable = status >= 500 || [408, 409, 425, 429].includes(status);
  }
}

/** What {@link webhookTask} needs. */
export interface WebhookTaskParts {
  /** How long the receiver may take. */
  readonly timeout: Duration;
  readonly find: (id: string) => Promise<Report | undefined>;
}

/** From the abort of a call to giving up on it. */
const ABORT_MS = 5_000;

/**
 * Posts an ended report to its receiver until it is taken: at least once, with the report's id as `Idempotency-Key`, by
 * which the receiver can drop what it had before.
 */
export function webhookTask({ timeout, find }: WebhookTaskParts): TaskDefinition<WebhookInput, string> {
  return defineTask({
    name: 'report.webhook',
    queue: 'webhooks',
    // About an hour, which a receiver that is being mended may need.
    attempts: 15,
    backoff: exponential({ base: '500ms', max: '10m', jitter: 'full' }),
    softTimeout: timeout,
    timeout: toMilliseconds(timeout) + ABORT_MS,
    maxCrashes: 20,
    retention: '7d',
    run: async ({ report: id, url }: WebhookInput, task) => {
      const report = await find(id);
      return report === undefined ? 'the report is gone' : await post(url, report, task);
    },
  });
}

async function post(url: string, report: Report, task: TaskRun): Promise<string> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': report.id, 'user-agent': 'tunic-reports' },
    body: JSON.stringify(report),
    // Following one could lead to a host that webhooks must not be sent to; it is refused by its status.
    redirect: 'manual',
    signal: task.signal,
  });
  await reply.body?.cancel();
  if (!reply.ok) throw new WebhookRefusedError(reply.status);
  return `taken with ${reply.status}`;
}
