import type { TaskSnapshot, TaskState } from '@tunic/core';
import type { CsvProgress, CsvReport } from '../analysis/csv-report.ts';

/** A report as clients see it. Instants are ISO 8601 in UTC. */
export interface Report {
  readonly id: string;
  readonly state: TaskState;
  readonly progress: CsvProgress | null;
  /** Only when `succeeded`. */
  readonly result: CsvReport | null;
  /** Only when `failed`. */
  readonly error: { readonly message: string; readonly code?: string } | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** The report that a task makes. Only what its handler wrote is shown: no stack, no path. */
export function reportOf(task: TaskSnapshot): Report {
  return {
    id: task.id,
    state: task.state,
    progress: (task.progress as CsvProgress | undefined) ?? null,
    result: (task.result as CsvReport | undefined) ?? null,
    error: task.state === 'failed' ? errorOf(task) : null,
    createdAt: instant(task.createdAtMs),
    startedAt: task.startedAtMs === undefined ? null : instant(task.startedAtMs),
    finishedAt: task.finishedAtMs === undefined ? null : instant(task.finishedAtMs),
  };
}

function errorOf({ error }: TaskSnapshot): NonNullable<Report['error']> {
  if (error?.name === 'CsvRefusedError' || error?.code === 'ERR_TUNIC_LEASE_LOST')
    return { message: error.message, ...(error.code === undefined ? {} : { code: error.code }) };
  return { message: 'The report could not be made.' };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
