import { defineTask, exponential, type TaskDefinition, type TaskRun } from '@tunic/core';
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

/**
 * Posts an ended report to its receiver until it is taken: at least once, with the report's id as `Idempotency-Key`, by
 * which the receiver can drop what it had before.
 */
export function webhookTask(find: (id: string) => Promise<Report | undefined>): TaskDefinition<WebhookInput, string> {
  return defineTask({
    name: 'report.webhook',
    queue: 'webhooks',
    attempts: 8,
    backoff: exponential({ base: '500ms', max: '1m', jitter: 'full' }),
    softTimeout: '10s',
    timeout: '15s',
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
    // Following one could lead to a host that webhooks must not be sent to.
    redirect: 'error',
    signal: task.signal,
  });
  await reply.body?.cancel();
  if (!reply.ok) throw new WebhookRefusedError(reply.status);
  return `taken with ${reply.status}`;
}
