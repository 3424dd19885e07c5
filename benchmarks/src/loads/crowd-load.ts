import { type Contender, prove } from '../harness/contender.ts';

/** Runs a function with a permit. */
export type RunWithPermit = (section: () => Promise<void>) => Promise<unknown>;

/** Parameters of {@link crowdLoad}. */
export interface CrowdParameters {
  readonly permits: number;
  /** How many come at once. 1: each comes when the one before has left. */
  readonly crowd: number;
}

/** What is awaited to give way once. */
const TURN: Promise<void> = Promise.resolve();

/** Crowds of callers before a semaphore; each section gives way once while it holds its permit. */
export function crowdLoad({ permits, crowd }: CrowdParameters, open: (permits: number) => RunWithPermit): Contender {
  const run = open(permits);
  let asked = 0;
  let inside = 0;
  let peak = 0;
  let done = 0;
  const section = async (): Promise<void> => {
    inside++;
    if (inside > peak) peak = inside;
    await TURN;
    inside--;
    done++;
  };
  const rush = async (size: number): Promise<void> => {
    const runs: Promise<unknown>[] = [];
    for (let index = 0; index < size; index++) runs.push(run(section));
    await Promise.all(runs);
  };
  return {
    run: async (ops) => {
      asked = ops;
      peak = done = 0;
      if (crowd === 1) for (let op = 0; op < ops; op++) await run(section);
      else for (let left = ops; left > 0; left -= crowd) await rush(Math.min(crowd, left));
    },
    check: async () => {
      prove(asked > 0 && done === asked && inside === 0, `${done} of ${asked} sections ran to their end`);
      await rush(permits * 3);
      prove(peak === permits, `${peak} sections at once with ${permits} permits`);
    },
  };
}
