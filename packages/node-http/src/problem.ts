import { STATUS_CODES } from 'node:http';
import { TunicError, isTunicError, invalidOption } from '@tunic/core';

/**
 * Members of a problem reply beside `status`, `detail` and `requestId` (RFC 9457 §3). `type` is `about:blank` and `title`
 * the status phrase unless given; any other member is an extension and must be JSON.
 */
export interface ProblemFields {
  type?: string;
  title?: string;
  instance?: string;
  [extension: string]: unknown;
}

/** An error that says itself how it is answered; made by {@link problem}. */
export class HttpProblem extends TunicError {
  readonly status: number;
  readonly detail: string | undefined;
  readonly fields: ProblemFields;

  constructor(status: number, detail: string | undefined, fields: ProblemFields) {
    super('ERR_TUNIC_HTTP', detail ?? STATUS_CODES[status] ?? `HTTP ${status}`, { retryable: status >= 500 });
    this.status = status;
    this.detail = detail;
    this.fields = fields;
  }

  static {
    this.prototype.name = 'HttpProblem';
  }
}

/**
 * An error to throw from a layer or a handler: it is answered as `application/problem+json` (RFC 9457) with exactly this
 * status, detail and fields. Everything in it is shown to the client.
 *
 * @throws `ERR_TUNIC_OPTION` when `status` is not a whole number from 400 to 599
 * @example
 * ```ts
 * import { isProblem, problem } from '@tunic/node-http';
 *
 * const error = problem(404, 'There is no report 42.', { report: 42 });
 * console.log(isProblem(error), error.status); // true 404
 * ```
 */
export function problem(status: number, detail?: string, fields: ProblemFields = {}): HttpProblem {
  if (!Number.isInteger(status) || status < 400 || status > 599)
    throw invalidOption('status', 'a whole number from 400 to 599', status);
  return new HttpProblem(status, detail, fields);
}

/**
 * Tells what {@link problem} made from all other errors, also when another copy of the package made it.
 *
 * @example
 * ```ts
 * import { isProblem, problem } from '@tunic/node-http';
 *
 * console.log(isProblem(problem(409)), isProblem(new Error('boom'))); // true false
 * ```
 */
export function isProblem(error: unknown): error is HttpProblem {
  return isTunicError(error, 'ERR_TUNIC_HTTP') && Number.isInteger((error as Partial<HttpProblem>).status);
}
