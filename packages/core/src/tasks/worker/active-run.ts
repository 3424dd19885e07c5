import type { Logger } from '../../logging/logger.ts';
import type { EnqueueOptions } from '../enqueue.ts';
import type { TaskDefinition } from '../define-task.ts';
import { encodePayload } from '../payload.ts';
import type { ClaimedTask } from '../store.ts';
import type { TaskHandle } from '../task-handle.ts';
import type { TaskRun } from '../task-run.ts';

/** What a run needs of its worker. */
export interface RunHost {
  readonly logger: Logger;
  readonly enqueue: TaskRun['enqueue'];
  /** There is progress to store. */
  noteProgress(): void;
}

/** Why a run's signal aborted. */
export type AbortKind = 'cancelled' | 'lost' | 'timeout' | 'stopped';

/** A claimed task from its claim until its settlement is confirmed or its lease is lost. */
export class ActiveRun implements TaskRun {
  readonly task: ClaimedTask;
  /** Monotonic time before the call that last confirmed the lease. */
  leasedAtMs: number;
  readonly #host: RunHost;
  #controller: AbortController | undefined;
  #abort: { kind: AbortKind; reason: unknown } | undefined;
  #log: Logger | undefined;
  #progress: string | undefined;

  constructor(task: ClaimedTask, leasedAtMs: number, host: RunHost) {
    this.task = task;
    this.leasedAtMs = leasedAtMs;
    this.#host = host;
  }

  get id(): string {
    return this.task.id;
  }

  get name(): string {
    return this.task.name;
  }

  get queue(): string {
    return this.task.queue;
  }

  get attempt(): number {
    return this.task.failures + 1;
  }

  get crashes(): number {
    return this.task.crashes;
  }

  get idempotencyKey(): string {
    return this.task.id;
  }

  get createdAtMs(): number {
    return this.task.createdAtMs;
  }

  get log(): Logger {
    this.#log ??= this.#host.logger.child({ taskId: this.id, task: this.name, attempt: this.attempt });
    return this.#log;
  }

  /** Made on first use: most handlers never look. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abort !== undefined) this.#controller.abort(this.#abort.reason);
    }
    return this.#controller.signal;
  }

  get abortKind(): AbortKind | undefined {
    return this.#abort?.kind;
  }

  /** Whether the lease went to somebody else, so that nothing may be settled. */
  get isLost(): boolean {
    return this.abortKind === 'lost' || this.abortKind === 'cancelled';
  }

  /** The signal shows the first reason; a loss counts whenever it comes, since it ends the right to settle. */
  abort(kind: AbortKind, reason: unknown): void {
    const isFirst = this.#abort === undefined;
    if (isFirst || (!this.isLost && kind !== 'stopped' && kind !== 'timeout')) this.#abort = { kind, reason };
    if (isFirst) this.#controller?.abort(reason);
  }

  progress(value: unknown): void {
    this.#progress = encodePayload('progress', value) ?? 'null';
    this.#host.noteProgress();
  }

  get hasProgress(): boolean {
    return this.#progress !== undefined;
  }

  /** Progress that is not stored yet; the taker stores it. */
  takeProgress(): string | undefined {
    const progress = this.#progress;
    this.#progress = undefined;
    return progress;
  }

  /** Gives back progress that could not be stored, unless there is newer. */
  returnProgress(progress: string | undefined): void {
    this.#progress ??= progress;
  }

  enqueue<Input, Output>(
    task: TaskDefinition<Input, Output>,
    input: Input,
    options?: EnqueueOptions,
  ): Promise<TaskHandle<Output>> {
    return this.#host.enqueue(task, input, options);
  }
}
