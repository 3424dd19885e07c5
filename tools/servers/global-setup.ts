import { type TestProject } from 'vitest/node';
import { describeMissing, findServers } from './find-servers.ts';
import { type ProvidedServers } from './provided-servers.ts';
import { startServers } from './start-servers.ts';

const NEEDS_SERVERS = /\.server\.test\.ts$/;

/** Starts the servers for a run that holds a `*.server.test.ts`; every other run pays nothing. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!project.vitest.state.getPaths().some((path) => NEEDS_SERVERS.test(path))) {
    project.provide('servers', { running: [], missing: [] });
    return undefined;
  }
  const began = performance.now();
  const { chosen, missing } = await findServers();
  const { servers, close } = await startServers(chosen);
  for (const { kind, version, source } of servers) console.log(`servers: ${kind} ${version} (${source})`);
  for (const server of missing) console.log(`servers: NOT RUN ${describeMissing(server)}`);
  console.log(`servers: up in ${Math.round(performance.now() - began)} ms`);
  project.provide('servers', { running: servers, missing } satisfies ProvidedServers);
  return close;
}
