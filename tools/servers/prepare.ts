/** Finds the servers and the browser that the tests need, and installs those it may, before anything needs them. */
import { findChromium } from './chromium.ts';
import { describeMissing, findServers } from './find-servers.ts';

try {
  const { chosen, missing } = await findServers();
  for (const { definition, source } of chosen)
    console.log('program' in source ? `${definition.title} ${source.program.version}: ${source.program.path}` : `${definition.title}: ${definition.variable}`);
  for (const server of missing) console.log(`NOT RUN: ${describeMissing(server)}`);
  console.log(`Chromium: ${await findChromium()}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
