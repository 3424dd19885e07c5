import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { measureMemory } from '../../tools/measure-memory.ts';

const FILE_BYTES = 50e6;
const GROWTH_BYTES = 100e6;

it.runIf(existsSync('/proc/self/status'))('a file of 50 MB is taken and analysed within 100 MB of memory more', { timeout: 120_000 }, async () => {
  const { rows, startBytes, highestBytes } = await measureMemory(FILE_BYTES);
  expect(rows).toBeGreaterThan(500_000);
  expect(highestBytes - startBytes).toBeLessThan(GROWTH_BYTES);
});
