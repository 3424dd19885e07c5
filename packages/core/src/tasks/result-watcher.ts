import { TunicError, isTunicError } from '../errors/tunic-error.ts';
import { Bell } from '../internal/bell.ts';
import { onAbort } from '../internal/abort-hub.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { decodePayload } from './payload.ts';
import { isFinalState } from './state.ts';
import type { TaskRecord, TaskStore } from './store.ts';

interface Waiter {
  id: string;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

const FIRST_POLL_MS = 25;
const LONGEST_POLL_MS = 1_000;
const BATCH = 500;

/** All who wait for results, behind one poll of the store: hints hurry it, and none is relied upon. */
export class ResultWatcher {
  readonly #store: TaskStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #bell: Bell;
  readonly #waiters = new Set<Waiter>();
  #polling = false;

  constructor(store: TaskStore, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#bell = new Bell(clock);
  }

  wait(id: string, timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<unknown> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        if (timer !== undefined) this.#clock.clearTimeout(timer);
        unlink?.();
        // The poll ends at once when the last one has left.
        if (this.#waiters.size === 0) this.#bell.ring();
      };
      const waiter: Waiter = {
        id,
        resolve: (result) => {
          leave();
          resolve(result);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const timer =
        timeoutMs === undefined
          ? undefined
          : this.#clock.setTimeout(() => waiter.reject(notYet(id, timeoutMs)), timeoutMs);
      const unlink = signal && onAbort(signal, () => waiter.reject(signal.reason));
      this.#waiters.add(waiter);
      this.#bell.ring();
      if (!this.#polling) void this.#poll();
    });
  }

  close(): void {
    for (const waiter of [...this.#waiters])
      waiter.reject(new TunicError('ERR_TUNIC_CLOSED', 'tasks were closed while a result was awaited'));
  }

  /** Runs only while somebody waits; never rejects. */
  async #poll(): Promise<void> {
    this.#polling = true;
    const unwake = this.#store.wake(({ kind }) => {
      if (kind === 'done') this.#bell.ring();
    });
    let pause = FIRST_POLL_MS;
    while (this.#waiters.size > 0) {
      this.#bell.reset();
      await this.#look();
      if (this.#waiters.size === 0) break;
      await this.#bell.wait(pause);
      pause = Math.min(pause * 2, LONGEST_POLL_MS);
    }
    unwake();
    this.#polling = false;
  }

  async #look(): Promise<void> {
    const waiters = [...this.#waiters];
    for (let start = 0; start < waiters.length; start += BATCH) {
      const batch = waiters.slice(start, start + BATCH);
      try {
        const records = await this.#store.get(batch.map(({ id }) => id));
        batch.forEach((waiter, index) => answer(waiter, records[index]));
      } catch (error) {
        this.#logger.warn({ err: error }, 'results could not be read; trying again');
        if (isTunicError(error) && !error.retryable) for (const waiter of batch) waiter.reject(error);
      }
    }
  }
}

function answer(waiter: Waiter, record: TaskRecord | undefined): void {
  const { id } = waiter;
  if (record === undefined) waiter.reject(new TunicError('ERR_TUNIC_TASK_NOT_FOUND', `there is no task ${id}`));
  else if (record.state === 'succeeded') waiter.resolve(decodePayload(record.result));
  else if (record.state === 'cancelled')
    waiter.reject(new TunicError('ERR_TUNIC_TASK_CANCELLED', `task ${id} was cancelled`));
  else if (isFinalState(record.state))
    waiter.reject(
      new TunicError('ERR_TUNIC_TASK_FAILED', `task ${id} failed: ${record.error?.message ?? 'no error was stored'}`, {
        cause: record.error,
      }),
    );
}

function notYet(id: string, timeoutMs: number): TunicError {
  return new TunicError('ERR_TUNIC_TIMEOUT', `task ${id} has not ended within ${timeoutMs} ms`, { retryable: true });
}
