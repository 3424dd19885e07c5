import { type Contender, prove } from '../harness/contender.ts';

/** The input of one task: about a hundred bytes as JSON. */
export interface Job {
  readonly index: number;
  readonly priority: number;
  readonly payload: string;
}

/** The handler that every contender runs for each task. */
export type Handler = (job: Job) => Promise<void>;

/** A task queue, empty when it is opened. */
export interface QueueAdapter {
  /** Adds tasks that do not run yet; called with at most {@link QueueParameters.batch}. */
  add(jobs: readonly Job[]): void | Promise<void>;
  /** Runs what was added, lowest priority number first, and resolves when the last outcome is stored. */
  drain(concurrency: number, jobs: number): Promise<void>;
  /** How many tasks are in the queue that have not succeeded, as the queue itself tells. */
  unfinished(): number | Promise<number>;
  close(): void | Promise<void>;
}

/** Parameters of {@link queueLoad}. */
export interface QueueParameters {
  /** What is measured: with `add` or `drain`, the other half is done outside the measured time. */
  readonly phase: 'add' | 'drain' | 'whole';
  /** Tasks added by one call. */
  readonly batch: number;
  readonly concurrency: number;
}

const PRIORITIES = 10;
const PAYLOAD = 'x'.repeat(70);

/** Adds tasks of mixed priority, or runs them with a handler that does nothing. */
export function queueLoad(
  { phase, batch, concurrency }: QueueParameters,
  open: (handler: Handler) => QueueAdapter | Promise<QueueAdapter>,
): Contender {
  let queue: QueueAdapter | undefined;
  let jobs: Job[] = [];
  let runs = new Uint8Array();
  let disorder = 0;
  let last = 0;
  const handler: Handler = (job) => {
    runs[job.index] = (runs[job.index] ?? 0) + 1;
    if (job.priority < last) disorder++;
    last = job.priority;
    return Promise.resolve();
  };
  const opened = (): QueueAdapter => {
    if (queue === undefined) throw new Error('prepare() comes first');
    return queue;
  };
  const addAll = async (): Promise<void> => {
    for (let start = 0; start < jobs.length; start += batch) await opened().add(jobs.slice(start, start + batch));
  };
  return {
    prepare: async (ops) => {
      await queue?.close();
      queue = await open(handler);
      // 7 has no factor in common with the levels, so neighbours differ.
      jobs = Array.from({ length: ops }, (_, index) => ({ index, priority: (index * 7) % PRIORITIES, payload: PAYLOAD }));
      runs = new Uint8Array(ops);
      disorder = last = 0;
      if (phase === 'drain') await addAll();
    },
    run: async (ops) => {
      if (phase !== 'drain') await addAll();
      if (phase !== 'add') await opened().drain(concurrency, ops);
    },
    check: async () => {
      if (phase === 'add') {
        const stored = await opened().unfinished();
        prove(stored === jobs.length, `${stored} of ${jobs.length} tasks were stored`);
        await opened().drain(concurrency, jobs.length);
      }
      const once = runs.filter((count) => count === 1).length;
      prove(jobs.length > 0 && once === jobs.length, `${once} of ${jobs.length} tasks ran exactly once`);
      prove(disorder === 0, `${disorder} tasks began before one of higher priority`);
      const unfinished = await opened().unfinished();
      prove(unfinished === 0, `${unfinished} tasks are not finished`);
    },
    close: async () => {
      await queue?.close();
      queue = undefined;
    },
  };
}
