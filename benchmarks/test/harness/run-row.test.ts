import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/harness/row.ts';
import type { MeasuredJob } from '../../src/harness/measured-process.ts';
import { runRow } from '../../src/harness/run-row.ts';

const compiled = { process: '', contender: (module: string): string => module };
const row: Row = {
  name: 'a row',
  ops: 1_000,
  batch: 300,
  contenders: { tunic: { module: 'tunic' }, peer: { module: 'peer', ops: 50, parameters: { depth: 5 } } },
  budgets: [],
};

function recorder(times: readonly number[] = [1]) {
  const jobs: MeasuredJob[] = [];
  const measure = (job: MeasuredJob) => {
    const cpuNs = times[Math.floor(jobs.length / 2) % times.length] ?? 0;
    jobs.push(job);
    return Promise.resolve({ cpuNs, wallNs: cpuNs * 2 });
  };
  return { jobs, measure };
}

describe('runRow', () => {
  it('measures every contender once per round, in an order that changes', async () => {
    const { jobs, measure } = recorder();
    const chances = [0, 0, 0.9, 0.9];
    await runRow(row, compiled, { rounds: 2, quick: false, measure, random: () => chances.shift() ?? 0 });
    expect(jobs.map(({ file }) => file)).toEqual(['tunic', 'peer', 'peer', 'tunic']);
  });

  it('takes medians over the rounds', async () => {
    const { measure } = recorder([10, 1_000, 12, 8, 11]);
    const { results } = await runRow(row, compiled, { rounds: 5, quick: false, measure, random: () => 0 });
    expect(results.get('tunic')).toMatchObject({ cpuNs: 11, wallNs: 22 });
    expect(results.get('tunic')?.rounds).toHaveLength(5);
  });

  it('hands over parameters and operations, fewer when quick but never less than one batch', async () => {
    const { jobs, measure } = recorder();
    await runRow(row, compiled, { rounds: 1, quick: false, measure, random: () => 0 });
    await runRow(row, compiled, { rounds: 1, quick: true, measure, random: () => 0 });
    expect(jobs.map(({ ops, warmUpOps }) => [ops, warmUpOps])).toEqual([
      [1_000, 500],
      [50, 25],
      [300, 150],
      [300, 150],
    ]);
    expect(jobs.map(({ parameters }) => parameters)).toEqual([{}, { depth: 5 }, {}, { depth: 5 }]);
  });

  it('reports a contender that breaks and goes on with the others', async () => {
    const { jobs, measure } = recorder();
    const broken = (job: MeasuredJob) => (job.file === 'peer' ? Promise.reject(new Error('no')) : measure(job));
    const { results, errors } = await runRow(row, compiled, { rounds: 3, quick: false, measure: broken });
    expect([...results.keys()]).toEqual(['tunic']);
    expect(errors).toEqual(new Map([['peer', 'no']]));
    expect(jobs).toHaveLength(3);
  });
});
