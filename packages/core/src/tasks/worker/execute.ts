import type { Middleware } from '../../compose/compose.ts';
import { describeError, isTunicError, TunicError } from '../../errors/tunic-error.ts';
import type { Clock } from '../../time/clock.ts';
import { DEFAULT_ATTEMPTS, DEFAULT_BACKOFF, type TaskDefinition } from '../define-task.ts';
import { decodePayload, encodePayload } from '../payload.ts';
import { validate } from '../standard-schema.ts';
import type { TaskOutcome } from '../store.ts';
import type { TaskRun } from '../task-run.ts';
import type { ActiveRun } from './active-run.ts';

/** What the layers of `createTasks({ middleware })` see: one run. */
export interface TaskContext {
  readonly task: TaskRun;
  /** What the definition's schema made of the input. */
  readonly input: unknown;
}

/** What running tasks takes. */
export interface Execution {
  readonly definitions: ReadonlyMap<string, TaskDefinition>;
  readonly onion: (context: TaskContext, handler: Middleware<TaskContext>) => Promise<unknown>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How a run ended: what to tell the store, and what to tell the hooks. `undefined`: the lease is lost, tell nobody. */
export type RunEnd = { outcome: TaskOutcome; notify?: () => unknown } | undefined;

/** Runs one task inside the onion and decides what becomes of it. Never rejects. */
export async function execute(run: ActiveRun, execution: Execution): Promise<RunEnd> {
  const definition = execution.definitions.get(run.name);
  try {
    if (definition === undefined) throw unknownTask(run);
    const value = await withTimeLimits(run, definition, execution);
    if (run.isLost) return undefined;
    const result = encodePayload(`result of ${run.name}`, value);
    return {
      outcome: { kind: 'succeed', ...(result === undefined ? {} : { result }) },
      ...(definition.onSuccess && { notify: () => definition.onSuccess?.(value, run) }),
    };
  } catch (error) {
    return run.isLost ? undefined : failureEnd(run, definition, execution.random, error);
  }
}

function failureEnd(
  run: ActiveRun,
  definition: TaskDefinition | undefined,
  random: () => number,
  error: unknown,
): RunEnd {
  // The worker is going away and cut the run short: not the task's fault, so no attempt is spent.
  if (run.abortKind === 'stopped') return { outcome: { kind: 'release' } };
  const final = run.attempt >= (definition?.attempts ?? DEFAULT_ATTEMPTS) || isFinal(error);
  const description = describeError(error);
  const backoff = definition?.backoff ?? DEFAULT_BACKOFF;
  return {
    outcome: final
      ? { kind: 'fail', error: description }
      : { kind: 'retry', error: description, delayMs: retryDelay(backoff(run.attempt, 0, random), error) },
    ...(definition?.onFailure && { notify: () => definition.onFailure?.(error, run, { final }) }),
  };
}

/** Whether the error itself says that another attempt is of no use. */
function isFinal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === false;
}

function retryDelay(delayMs: number, error: unknown): number {
  const asked = isTunicError(error) ? (error.retryAfterMs ?? 0) : 0;
  return Math.ceil(Math.max(delayMs, asked));
}

function unknownTask(run: ActiveRun): TunicError {
  return new TunicError(
    'ERR_TUNIC_TASK_UNKNOWN',
    `no task named ${JSON.stringify(run.name)} is defined in this worker: add its definition to createTasks({ tasks })`,
    { retryable: true },
  );
}

async function withTimeLimits(run: ActiveRun, definition: TaskDefinition, execution: Execution): Promise<unknown> {
  const { softTimeoutMs, timeoutMs } = definition;
  if (softTimeoutMs === undefined && timeoutMs === undefined) return await invoke(run, definition, execution);
  const { clock } = execution;
  const soft =
    softTimeoutMs === undefined
      ? undefined
      : clock.setTimeout(() => run.abort('timeout', timedOut(run, softTimeoutMs)), softTimeoutMs, { unref: true });
  try {
    if (timeoutMs === undefined) return await invoke(run, definition, execution);
    return await withHardLimit(run, timeoutMs, clock, invoke(run, definition, execution));
  } finally {
    if (soft !== undefined) clock.clearTimeout(soft);
  }
}

/** The work's end, or a time-out; work that goes on after it is no longer waited for. */
function withHardLimit(run: ActiveRun, timeoutMs: number, clock: Clock, work: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(
      () => {
        const error = timedOut(run, timeoutMs);
        run.abort('timeout', error);
        reject(error);
      },
      timeoutMs,
      { unref: true },
    );
    void work.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}

function timedOut(run: ActiveRun, ms: number): TunicError {
  return new TunicError('ERR_TUNIC_TIMEOUT', `${run.name} timed out after ${ms} ms`, { retryable: true });
}

async function invoke(run: ActiveRun, definition: TaskDefinition, { onion }: Execution): Promise<unknown> {
  const raw = decodePayload(run.task.input);
  const input = definition.schema === undefined ? raw : await validate(definition.schema, raw, `input of ${run.name}`);
  return await onion({ task: run, input }, () => definition.run(input, run));
}
