import { expect, it } from 'vitest';
import { runCrashTest } from '../../tools/crash/run-crash-test.ts';

it('killed over and over in the middle of its work, the service loses no report and makes none twice', { timeout: 240_000 }, async () => {
  const figures = await runCrashTest({ reports: 40, kills: 4, seed: 1 });
  expect(figures).toMatchObject({
    ...{ accepted: 40, succeeded: 40, lost: 0, duplicates: 0, wrongFigures: 0 },
    ...{ reportedTwice: 0, notAnnounced: 0, leftFiles: 0, staleFiles: 0 },
  });
  expect(figures.deliveries).toBe(40 + figures.repeatedDeliveries);
});
