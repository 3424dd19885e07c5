import { type MissingServer, type RunningServer } from './server-kind.ts';

/** What the global set-up tells the tests. */
export interface ProvidedServers {
  readonly running: readonly RunningServer[];
  readonly missing: readonly MissingServer[];
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: ProvidedServers;
  }
}
