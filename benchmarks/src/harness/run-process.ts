import { spawn } from 'node:child_process';
import type { MeasuredJob } from './measured-process.ts';
import type { Measurement } from './measurement.ts';

const PATIENCE_MS = 300_000;

/** Runs one measurement in a fresh process of plain Node. */
export async function runProcess(script: string, job: MeasuredJob): Promise<Measurement> {
  // As deployed; and without what a parent's loader may have put into the environment.
  const { NODE_OPTIONS: _options, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--expose-gc', script, JSON.stringify(job)], {
    env: { ...inherited, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const end = await new Promise<string | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? `code ${String(code)}`}`));
  });
  if (end !== undefined) throw new Error(`${job.file} ${end}\n${errors.trim()}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Measurement;
}
