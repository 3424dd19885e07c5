import type { ClaimedTask, ErrorDescription, TaskRecord, TaskState } from '@tunic/core';

/** What a claim reads. */
export interface ClaimedRow {
  seq: number;
  id: string;
  name: string;
  queue: string;
  priority: number;
  fence: number;
  failures: number;
  crashes: number;
  run_at: number;
  created_at: number;
  input: string;
}

/** The newest claim of a worker. */
export interface ClaimRow {
  request_id: string;
  /** JSON `[[seq, fence], …]` */
  leases: string;
}

/** A task whose run was ended. */
export interface SettledRow {
  seq: number;
  queue: string;
}

/** A task that succeeded. */
export interface SucceededRow extends SettledRow {
  id: string;
  fence: number;
}

/** How a task stands, and how its newest run ended. */
export interface StateRow extends SettledRow {
  state: TaskState;
  fence: number;
  settled: string | null;
}

/** A task whose lease ran out, after its move. */
export interface LapsedRow extends SettledRow {
  state: TaskState;
  crashes: number;
}

/** What a pass of maintenance would find: 1 where there is anything. */
export interface OverdueRow {
  tasks: number;
  claims: number;
}

/** A whole task as SQLite gives it. */
export interface RecordRow extends ClaimedRow {
  state: TaskState;
  started_at: number | null;
  finished_at: number | null;
  max_crashes: number;
  retention: number;
  progress: string | null;
  progress_fence: number | null;
  result: string | null;
  error: string | null;
}

// Drivers add members of their own to rows, or leave out the prototype: every member is copied by name.
export function toClaimedTask(row: ClaimedRow): ClaimedTask {
  return {
    id: row.id,
    name: row.name,
    queue: row.queue,
    priority: row.priority,
    input: row.input,
    fence: row.fence,
    failures: row.failures,
    crashes: row.crashes,
    runAtMs: row.run_at,
    createdAtMs: row.created_at,
    seq: row.seq,
  };
}

export function toTaskRecord(row: RecordRow): TaskRecord {
  const error = row.state === 'succeeded' ? null : row.error;
  return {
    ...toClaimedTask(row),
    state: row.state,
    startedAtMs: row.started_at ?? undefined,
    finishedAtMs: row.finished_at ?? undefined,
    maxCrashes: row.max_crashes,
    retentionMs: row.retention,
    // Progress belongs to the run that reported it: the next claim hides it without a write.
    progress: row.progress_fence === row.fence ? (row.progress ?? undefined) : undefined,
    result: row.result ?? undefined,
    error: error === null ? undefined : (JSON.parse(error) as ErrorDescription),
  };
}
