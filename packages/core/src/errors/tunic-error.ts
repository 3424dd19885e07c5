/**
 * Every code that the SDK's errors carry. Codes are stable: match on them, never on messages.
 */
export type TunicErrorCode =
  /** A wrong option or argument; thrown where it was given. */
  | 'ERR_TUNIC_OPTION'
  /** A layer called `next()` a second time. */
  | 'ERR_TUNIC_NEXT_TWICE'
  /** A time limit passed. */
  | 'ERR_TUNIC_TIMEOUT'
  /** A bounded queue has no room. */
  | 'ERR_TUNIC_QUEUE_FULL'
  /** Work that waited was taken out before it started. */
  | 'ERR_TUNIC_DROPPED'
  /** A circuit breaker refuses the call for now. */
  | 'ERR_TUNIC_CIRCUIT_OPEN'
  /** The object was closed, or is closing and takes nothing new. */
  | 'ERR_TUNIC_CLOSED'
  /** An idempotency key came again with another fingerprint. */
  | 'ERR_TUNIC_IDEMPOTENCY_MISMATCH'
  /** The work under an idempotency key is still running elsewhere. */
  | 'ERR_TUNIC_IDEMPOTENCY_IN_PROGRESS'
  /** A rate limit has no room for the call; `retryAfterMs` says when it has. */
  | 'ERR_TUNIC_RATE_LIMITED'
  /** The lease on a task or key passed to another owner, or ran out. */
  | 'ERR_TUNIC_LEASE_LOST'
  /** No such task. */
  | 'ERR_TUNIC_TASK_NOT_FOUND'
  /** No definition of that name was given to `createTasks`. */
  | 'ERR_TUNIC_TASK_UNKNOWN'
  /** The input does not fit the task's schema, or is no JSON. */
  | 'ERR_TUNIC_TASK_INPUT'
  /** The task ended in `failed`; its last error is the cause. */
  | 'ERR_TUNIC_TASK_FAILED'
  /** The task ended in `cancelled`. */
  | 'ERR_TUNIC_TASK_CANCELLED'
  /** A state move that the table of states forbids. */
  | 'ERR_TUNIC_TASK_STATE'
  /** Several start or stop steps failed; each one's error is in `cause`. */
  | 'ERR_TUNIC_LIFESPAN'
  /** The database stayed locked by somebody else for too long. */
  | 'ERR_TUNIC_STORE_BUSY'
  /** The database has no room left. */
  | 'ERR_TUNIC_STORE_FULL'
  /** The schema in the database is older or newer than this version understands. */
  | 'ERR_TUNIC_STORE_SCHEMA'
  /** Anything else that a store's client reported; the client's error is the cause. */
  | 'ERR_TUNIC_STORE'
  /** An HTTP request that cannot be served as it was sent; `status` says how. */
  | 'ERR_TUNIC_HTTP';

/** Further facts of a {@link TunicError}. */
export interface TunicErrorOptions {
  /** What led here. */
  cause?: unknown;
  /** Whether the same call may succeed later without a change; `false` by default. */
  retryable?: boolean;
  /** The earliest sensible wait before a retry, where it is known. */
  retryAfterMs?: number;
}

const BRAND = Symbol.for('tunic.error');

/**
 * The one class of all errors that the SDK makes itself: a stable `code`, whether a retry can help, and the cause.
 * Errors of your own functions and abort reasons come back as they are, never wrapped.
 *
 * @example
 * ```ts
 * import { TunicError } from '@tunic/core';
 *
 * new TunicError('ERR_TUNIC_TIMEOUT', 'timed out after 30000 ms', { retryable: true }).toJSON();
 * ```
 */
export class TunicError extends Error {
  readonly code: TunicErrorCode;
  readonly retryable: boolean;
  /** Milliseconds to wait before a retry, where it is known. */
  readonly retryAfterMs: number | undefined;

  constructor(code: TunicErrorCode, message: string, options: TunicErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Plain data for logs and replies: no stack, neither its own nor that of the cause. */
  toJSON(): { name: string; code: TunicErrorCode; message: string; retryable: boolean; retryAfterMs?: number; cause?: unknown } {
    const { name, code, message, retryable, retryAfterMs, cause } = this;
    return {
      name,
      code,
      message,
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(cause === undefined ? {} : { cause: withoutStack(describeError(cause)) }),
    };
  }

  static {
    this.prototype.name = 'TunicError';
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }
}

/**
 * Tells the SDK's errors from all others, also those made by another copy or version of the package.
 *
 * @param code - if given, only an error with this code counts
 * @example
 * ```ts
 * import { isTunicError, timeout } from '@tunic/core';
 *
 * try {
 *   await timeout(() => new Promise<void>(() => {}), '5ms');
 * } catch (error) {
 *   if (!isTunicError(error, 'ERR_TUNIC_TIMEOUT')) throw error;
 * }
 * ```
 */
export function isTunicError(error: unknown, code?: TunicErrorCode): error is TunicError {
  try {
    return (
      typeof error === 'object' &&
      error !== null &&
      (error as Record<symbol, unknown>)[BRAND] === true &&
      (code === undefined || (error as TunicError).code === code)
    );
  } catch {
    // A revoked proxy, say: nothing of ours.
    return false;
  }
}

/** What is kept of an error that must travel as JSON. */
export interface ErrorDescription {
  name: string;
  message: string;
  code?: string;
  stack?: string;
}

/** Turns anything thrown into plain data and keeps of it what can be read; never throws itself. */
export function describeError(error: unknown): ErrorDescription {
  if (typeof error !== 'object' || error === null) return { name: 'NonError', message: show(error) };
  const message = read(error, 'message');
  if (message === undefined) return { name: 'NonError', message: show(error) };
  const code = read(error, 'code');
  const stack = read(error, 'stack');
  return {
    name: show(read(error, 'name') ?? 'Error'),
    message: show(message),
    ...(code === undefined ? {} : { code: show(code) }),
    ...(stack === undefined ? {} : { stack: show(stack) }),
  };
}

function withoutStack({ name, message, code }: ErrorDescription): ErrorDescription {
  return { name, message, ...(code === undefined ? {} : { code }) };
}

/** A getter or proxy that throws hides one field, not the whole error. */
function read(error: object, key: string): unknown {
  try {
    return (error as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function show(value: unknown): string {
  try {
    if (typeof value !== 'object' || value === null) return String(value);
    // A `toJSON` that answers undefined leaves no text at all.
    const json: unknown = JSON.stringify(value);
    return typeof json === 'string' ? json : 'a value that cannot be shown';
  } catch {
    return 'a value that cannot be shown';
  }
}
