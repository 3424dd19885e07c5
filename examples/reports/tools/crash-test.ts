/** Kills the service over and over while it works, and counts: `--reports 300 --kills 20 --seed 1`. Exits with 1 if anything was lost. */
import { parseArgs } from 'node:util';
import { FAULTS } from './crash/figures.ts';
import { runCrashTest } from './crash/run-crash-test.ts';

const { values } = parseArgs({
  options: { reports: { type: 'string', default: '300' }, kills: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
const options = { reports: Number(values.reports), kills: Number(values.kills), seed: Number(values.seed) };
const began = performance.now();
const figures = await runCrashTest({ ...options, onStep: (text) => console.log(text) });
console.table({ ...options, ...figures, seconds: Math.round((performance.now() - began) / 1000) });
if (FAULTS.some((name) => figures[name] > 0)) process.exitCode = 1;
