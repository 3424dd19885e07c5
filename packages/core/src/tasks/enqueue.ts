import { checkText, invalidOption } from '../errors/invalid-option.ts';
import { type Duration, toMilliseconds } from '../time/duration.ts';
import { checkPriority, checkQueue, type TaskDefinition } from './define-task.ts';
import { encodePayload } from './payload.ts';
import { validate } from './standard-schema.ts';
import type { NewTask } from './store.ts';

/** How one task differs from its definition. */
export interface EnqueueOptions {
  /**
   * Names the task: enqueueing the same id again adds nothing, so a call whose reply was lost can be repeated.
   * 1 to 200 characters. Default: a random UUID.
   */
  id?: string;
  /** How long to wait, on the store's clock. */
  delay?: Duration;
  /** An instant to wait for: a `Date` or milliseconds since the epoch. Not together with `delay`. */
  runAt?: Date | number;
  /** Default: the definition's. */
  priority?: number;
  /** Default: the definition's. */
  queue?: string;
}

/** One entry of `enqueueMany`. */
export interface EnqueueRequest<Input = unknown, Output = unknown> extends EnqueueOptions {
  task: TaskDefinition<Input, Output>;
  input: Input;
}

/**
 * Checks an input and its options and makes the record that stores keep.
 *
 * @throws `ERR_TUNIC_OPTION`, `ERR_TUNIC_TASK_INPUT`
 */
export async function newTask(definition: TaskDefinition, input: unknown, options: EnqueueOptions): Promise<NewTask> {
  if (definition.schema !== undefined) await validate(definition.schema, input, `input of ${definition.name}`);
  return {
    id: options.id === undefined ? crypto.randomUUID() : checkText('id', options.id, 200),
    name: definition.name,
    queue: options.queue === undefined ? definition.queue : checkQueue(options.queue),
    priority: options.priority === undefined ? definition.priority : checkPriority(options.priority),
    input: encodePayload(`input of ${definition.name}`, input) ?? 'null',
    maxCrashes: definition.maxCrashes,
    retentionMs: definition.retentionMs,
    ...startOf(options),
  };
}

/** The last instant that a `Date` can hold. */
const MAX_INSTANT = 8.64e15;

function startOf({ delay, runAt }: EnqueueOptions): { delayMs?: number; runAtMs?: number } {
  if (delay !== undefined && runAt !== undefined) throw invalidOption('runAt', 'nothing beside delay', runAt);
  if (delay !== undefined) return { delayMs: Math.ceil(toMilliseconds(delay, 'delay')) };
  if (runAt === undefined) return {};
  const runAtMs = Math.ceil(Number(runAt));
  if (!(Math.abs(runAtMs) <= MAX_INSTANT)) throw invalidOption('runAt', 'a valid Date or milliseconds since the epoch', runAt);
  return { runAtMs };
}
