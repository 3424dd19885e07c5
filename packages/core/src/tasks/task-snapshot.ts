import type { ErrorDescription } from '../errors/tunic-error.ts';
import { decodePayload } from './payload.ts';
import type { TaskState } from './state.ts';
import type { TaskRecord } from './store.ts';

/** Where a task stands. Instants are milliseconds since the epoch on the store's clock. */
export interface TaskSnapshot {
  id: string;
  name: string;
  queue: string;
  priority: number;
  state: TaskState;
  /** Place in the order of arrival; `list({ before })` pages by it. */
  seq: number;
  input: unknown;
  /** Newest progress of the newest run. */
  progress: unknown;
  /** Only when `succeeded`. */
  result: unknown;
  /** The newest failure, also while further attempts are to come. */
  error: ErrorDescription | undefined;
  /** Attempts that failed. */
  failures: number;
  /** Runs that were lost with their worker. */
  crashes: number;
  runAtMs: number;
  createdAtMs: number;
  /** Start of the newest run. */
  startedAtMs: number | undefined;
  finishedAtMs: number | undefined;
}

/** What users see of a store's record. */
export function snapshotOf(record: TaskRecord): TaskSnapshot {
  const { id, name, queue, priority, state, seq, error, failures, crashes } = record;
  const { runAtMs, createdAtMs, startedAtMs, finishedAtMs } = record;
  return {
    ...{ id, name, queue, priority, state, seq },
    input: decodePayload(record.input),
    progress: decodePayload(record.progress),
    result: decodePayload(record.result),
    ...{ error, failures, crashes, runAtMs, createdAtMs, startedAtMs, finishedAtMs },
  };
}
