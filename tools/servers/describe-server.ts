import { describe, inject } from 'vitest';
import { NOT_RUN } from './not-run.ts';
import './provided-servers.ts';
import { type RunningServer, type ServerKind } from './server-kind.ts';

/**
 * A group of tests against one running server. Where the server is missing and may be, the group is not run and is counted.
 * The file's name must end in `.server.test.ts`: that is what has the servers started.
 */
export function describeServer(kind: ServerKind, tests: (server: RunningServer) => void): void {
  const { running, missing } = inject('servers');
  const server = running.find((candidate) => candidate.kind === kind);
  if (server !== undefined) return void describe(`${kind} ${server.version}`, () => tests(server));
  if (!missing.some((candidate) => candidate.kind === kind)) throw new Error('servers run only for files whose name ends in .server.test.ts');
  const absent: RunningServer = { kind, url: '', nodes: [], version: '', source: '' };
  describe.skip(`${NOT_RUN} ${kind}`, () => tests(absent));
}
