import { STATUS_CODES } from 'node:http';
import { type TunicErrorCode, isTunicError } from '@tunic/core';
import { type ProblemFields, isProblem } from '../problem.ts';

/** What the client learns of an error. */
export interface ProblemReply {
  status: number;
  detail: string | undefined;
  fields: ProblemFields;
  retryAfterMs: number | undefined;
}

interface Answer {
  status: number;
  detail: string;
}

/** Fixed texts: the message of an SDK error may name keys, files or tables. */
const ANSWERS: Partial<Record<TunicErrorCode, Answer>> = {
  ERR_TUNIC_TIMEOUT: { status: 504, detail: 'The work took too long.' },
  ERR_TUNIC_QUEUE_FULL: { status: 503, detail: 'The service is at its limit; try again later.' },
  ERR_TUNIC_STORE_BUSY: { status: 503, detail: 'The storage is busy; try again later.' },
  ERR_TUNIC_CLOSED: { status: 503, detail: 'The service is shutting down; try again later.' },
  ERR_TUNIC_STORE_FULL: { status: 507, detail: 'There is no storage left.' },
  ERR_TUNIC_IDEMPOTENCY_MISMATCH: { status: 422, detail: 'This idempotency key was used for another request.' },
  ERR_TUNIC_IDEMPOTENCY_IN_PROGRESS: { status: 409, detail: 'The first request with this idempotency key is still running.' },
  ERR_TUNIC_TASK_NOT_FOUND: { status: 404, detail: 'There is no such task.' },
};

/** How anything thrown is answered. Of an error that is not known to be safe, nothing but the status 500 is told. */
export function toProblemReply(error: unknown): ProblemReply {
  if (isProblem(error))
    return { status: error.status, detail: error.detail, fields: error.fields, retryAfterMs: error.retryAfterMs };
  const answer = isTunicError(error) ? ANSWERS[error.code] : undefined;
  if (answer === undefined) return { status: 500, detail: undefined, fields: {}, retryAfterMs: undefined };
  return { ...answer, fields: {}, retryAfterMs: isTunicError(error) ? error.retryAfterMs : undefined };
}

/** The members of RFC 9457 §3.1, then the extensions; `status` and `requestId` are always ours. */
export function problemBody(reply: ProblemReply, requestId: string): Record<string, unknown> {
  const { type = 'about:blank', title = STATUS_CODES[reply.status] ?? 'Error', instance, ...extensions } = reply.fields;
  return {
    type,
    title,
    ...(reply.detail === undefined ? {} : { detail: reply.detail }),
    ...(instance === undefined ? {} : { instance }),
    ...extensions,
    status: reply.status,
    requestId,
  };
}
