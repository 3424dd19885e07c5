/** The fresh process of one measurement: it gets a job as JSON and prints a measurement as JSON. */
import { writeSync } from 'node:fs';
import type { Parameters, Setup } from './contender.ts';
import { measureContender } from './measure-contender.ts';

/** What a measured process is told. */
export interface MeasuredJob {
  /** File of the contender's module. */
  readonly file: string;
  readonly parameters: Parameters;
  readonly ops: number;
  readonly warmUpOps: number;
}

const job = JSON.parse(process.argv[2] ?? '') as MeasuredJob;
const { setup } = (await import(job.file)) as { setup: Setup };
const contender = await setup(job.parameters as never);
const measurement = await measureContender(contender, job.ops, job.warmUpOps);
writeSync(1, `${JSON.stringify(measurement)}\n`);
// Timers of a library must not keep it waiting.
process.exit(0);
