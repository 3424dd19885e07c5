import type { Compiled } from './compile.ts';
import type { MeasuredJob } from './measured-process.ts';
import type { Measurement } from './measurement.ts';
import type { ContenderSpec, Row } from './row.ts';
import { runProcess } from './run-process.ts';
import { median, relativeDeviation, shuffle } from './statistics.ts';

/** What all rounds of one contender come to. */
export interface ContenderResult {
  readonly rounds: readonly Measurement[];
  /** Medians. */
  readonly cpuNs: number;
  readonly wallNs: number;
  /** Median distance of a round's CPU from the median, as a share of it. */
  readonly deviation: number;
}

/** What a row came to: a contender has a result, or the error that it ended with. */
export interface RowResult {
  readonly row: Row;
  readonly results: ReadonlyMap<string, ContenderResult>;
  readonly errors: ReadonlyMap<string, string>;
}

/** How to run a row. */
export interface RunOptions {
  readonly rounds: number;
  /** A tenth of the operations, to see whether everything works. */
  readonly quick: boolean;
  readonly measure?: (job: MeasuredJob) => Promise<Measurement>;
  readonly random?: () => number;
}

const WARM_UP_SHARE = 0.5;
const QUICK_SHARE = 0.1;

/** Measures every contender once per round, each in a process of its own, in another order each time. */
export async function runRow(row: Row, compiled: Pick<Compiled, 'process' | 'contender'>, options: RunOptions): Promise<RowResult> {
  const { measure = (job: MeasuredJob) => runProcess(compiled.process, job), random = Math.random } = options;
  const rounds = new Map<string, Measurement[]>();
  const errors = new Map<string, string>();
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, spec] of shuffle(Object.entries(row.contenders), random)) {
      if (errors.has(name)) continue;
      try {
        const measurement = await measure(jobOf(row, spec, compiled, options.quick));
        rounds.set(name, [...(rounds.get(name) ?? []), measurement]);
      } catch (error) {
        errors.set(name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  const whole = Object.keys(row.contenders).filter((name) => !errors.has(name));
  return { row, errors, results: new Map(whole.map((name) => [name, summarize(rounds.get(name) ?? [])])) };
}

function jobOf(row: Row, spec: ContenderSpec, compiled: Pick<Compiled, 'contender'>, quick: boolean): MeasuredJob {
  const all = spec.ops ?? row.ops;
  const ops = quick ? Math.max(row.batch ?? 1, Math.round(all * QUICK_SHARE)) : all;
  return {
    file: compiled.contender(spec.module),
    parameters: spec.parameters ?? {},
    ops,
    warmUpOps: Math.ceil(ops * WARM_UP_SHARE),
  };
}

function summarize(rounds: readonly Measurement[]): ContenderResult {
  const cpu = rounds.map(({ cpuNs }) => cpuNs);
  return {
    rounds,
    cpuNs: median(cpu),
    wallNs: median(rounds.map(({ wallNs }) => wallNs)),
    deviation: relativeDeviation(cpu),
  };
}
