import { createReadStream } from 'node:fs';
import { defineTask, exponential, type TaskDefinition, type TaskRun } from '@tunic/core';
import { analyzeCsv } from '../analysis/analyze-csv.ts';
import { CsvRefusedError } from '../analysis/csv-refused-error.ts';
import type { CsvReport } from '../analysis/csv-report.ts';
import type { UploadFolder } from './upload-folder.ts';

/** What a report is made of: its file is found by the task's id. */
export interface AnalyzeInput {
  readonly bytes: number;
  /** Where to announce the end. */
  readonly webhook?: string;
}

/** Reads the file of a report and makes its figures; `onEnd` is called once an end is stored. */
export function analyzeTask(uploads: UploadFolder, onEnd: (id: string) => Promise<void>): TaskDefinition<AnalyzeInput, CsvReport> {
  return defineTask({
    name: 'report.analyze',
    queue: 'reports',
    attempts: 3,
    backoff: exponential({ base: '500ms', max: '30s', jitter: 'full' }),
    // An accepted file deserves more than the default 3 deaths of its process, which deploys and kills share among all
    // reports at work; one that exhausts memory still ends.
    maxCrashes: 20,
    retention: '7d',
    run: (input: AnalyzeInput, task) => analyze(uploads.pathOf(task.id), input, task),
    onSuccess: (_, task) => onEnd(task.id),
    onFailure: (_, task, { final }) => (final ? onEnd(task.id) : undefined),
  });
}

async function analyze(path: string, { bytes }: AnalyzeInput, task: TaskRun): Promise<CsvReport> {
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    return await analyzeCsv(source, {
      signal: task.signal,
      totalBytes: bytes,
      onProgress: (progress) => task.progress(progress),
    });
  } catch (error) {
    // The file will not get better by being read again.
    if (error instanceof CsvRefusedError) throw Object.assign(error, { retryable: false });
    throw error;
  } finally {
    source.destroy();
  }
}
