import { checkFunction, checkInteger, checkText, invalidOption } from '../errors/invalid-option.ts';
import { type Backoff, exponential } from '../resilience/retry/backoff.ts';
import { type Duration, toMilliseconds } from '../time/duration.ts';
import { type StandardSchema, isStandardSchema } from './standard-schema.ts';
import type { TaskRun } from './task-run.ts';

/** How a task is named, checked, run and tried again. */
export interface TaskOptions<Input, Parsed, Output> {
  /** Unique within a `createTasks`; stored with each task. 1 to 200 characters. */
  name: string;
  /** Checked when a task is enqueued and again when it runs; what it makes of the input is what `run` gets. */
  input?: StandardSchema<Input, Parsed>;
  /** Default `'default'`. */
  queue?: string;
  /** From -1000 to 1000; lower runs first. Default 0. */
  priority?: number;
  /** Runs in all before the task fails for good, the first included. Default 5. */
  attempts?: number;
  /** Wait after each failed attempt. Default: exponential from 1 s to 10 min with full jitter. */
  backoff?: Backoff;
  /** How long a run may take until its signal aborts. Default: no limit. */
  softTimeout?: Duration;
  /** How long a run may take until it counts as failed, whatever its handler does. Default: no limit. */
  timeout?: Duration;
  /** Lost leases (killed workers, frozen machines) that a task survives. Default 3. */
  maxCrashes?: number;
  /** How long an ended task is kept. Default `'1d'`. */
  retention?: Duration;
  /** The work. What it returns must fit JSON. An error with `retryable: false` ends the task at once. */
  run: (input: Parsed, task: TaskRun) => Output | Promise<Output>;
  /** Called by the worker once a success is stored. What it throws is logged, nothing more. */
  onSuccess?: (result: Output, task: TaskRun) => unknown;
  /** Called by the worker once a failed attempt is stored. What it throws is logged, nothing more. */
  onFailure?: (error: unknown, task: TaskRun, info: { final: boolean }) => unknown;
}

/** A checked task definition; made by {@link defineTask}. */
export interface TaskDefinition<in Input = never, out Output = unknown> {
  readonly name: string;
  readonly schema: StandardSchema | undefined;
  readonly queue: string;
  readonly priority: number;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly softTimeoutMs: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly maxCrashes: number;
  readonly retentionMs: number;
  /** Its argument is what the schema made of the input. */
  readonly run: (input: unknown, task: TaskRun) => unknown;
  readonly onSuccess: ((result: unknown, task: TaskRun) => unknown) | undefined;
  readonly onFailure: ((error: unknown, task: TaskRun, info: { final: boolean }) => unknown) | undefined;
  /** Never there: carries what goes in and comes out, for the compiler. */
  readonly types?: (input: Input) => Output;
}

/** How a failed attempt is tried again where its definition does not say. */
export const DEFAULT_ATTEMPTS = 5;
/** See {@link TaskOptions.backoff}. */
export const DEFAULT_BACKOFF: Backoff = exponential({ base: '1s', max: '10m', jitter: 'full' });

const MAX_NAME = 200;

/** Checks a priority: a whole number from -1000 to 1000. */
export function checkPriority(priority: number): number {
  return checkInteger('priority', priority, -1000, 1000);
}

/** Checks the name of a queue. */
export function checkQueue(queue: string): string {
  return checkText('queue', queue, MAX_NAME);
}

/**
 * Describes a kind of work once, for those who enqueue it and those who run it.
 *
 * @throws `ERR_TUNIC_OPTION` naming the option that is wrong
 * @example
 * ```ts
 * import { createMemoryTaskStore, createTasks, defineTask } from '@tunic/core';
 *
 * const greet = defineTask({ name: 'greet', run: (input: { name: string }) => `Hello, ${input.name}` });
 * const tasks = createTasks({ store: createMemoryTaskStore(), tasks: [greet] });
 * const worker = tasks.worker();
 * await worker.start();
 *
 * const handle = await tasks.enqueue(greet, { name: 'Ada' });
 * console.log(await handle.result({ timeout: '5s' })); // Hello, Ada
 *
 * await worker.stop();
 * await tasks.close();
 * ```
 */
export function defineTask<Input, Output, Parsed = Input>(
  options: TaskOptions<Input, Parsed, Output>,
): TaskDefinition<Input, Output> {
  checkFunction('run', options.run);
  if (options.input !== undefined && !isStandardSchema(options.input))
    throw invalidOption('input', 'a Standard Schema (an object with "~standard")', options.input);
  const { softTimeout, timeout } = options;
  return {
    name: checkText('name', options.name, MAX_NAME),
    schema: options.input,
    queue: checkQueue(options.queue ?? 'default'),
    priority: checkPriority(options.priority ?? 0),
    attempts: checkInteger('attempts', options.attempts ?? DEFAULT_ATTEMPTS, 1),
    backoff: options.backoff ?? DEFAULT_BACKOFF,
    softTimeoutMs: softTimeout === undefined ? undefined : toMilliseconds(softTimeout, 'softTimeout'),
    timeoutMs: timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout'),
    maxCrashes: checkInteger('maxCrashes', options.maxCrashes ?? 3, 0),
    retentionMs: toMilliseconds(options.retention ?? '1d', 'retention'),
    run: options.run as TaskDefinition['run'],
    onSuccess: options.onSuccess as TaskDefinition['onSuccess'],
    onFailure: options.onFailure,
  };
}
