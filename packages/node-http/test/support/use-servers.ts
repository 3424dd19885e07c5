import { afterEach, expect } from 'vitest';
import { type RunningServer, serve } from '../../src/index.ts';

/** Serves what a test gives it; after the test nothing may be left: no connection, no crash, no signal handler. */
export function useServers(): typeof serve {
  const servers: RunningServer[] = [];
  const crashes: unknown[] = [];
  const crash = (error: unknown): void => void crashes.push(error);
  const signals = process.listenerCount('SIGTERM');

  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close({ grace: 0 })));
    const left = await Promise.all(servers.map(connectionsOf));
    servers.length = 0;
    process.off('unhandledRejection', crash).off('uncaughtException', crash);
    expect(crashes.splice(0)).toEqual([]);
    expect(left.filter((count) => count > 0)).toEqual([]);
    expect(process.listenerCount('SIGTERM')).toBe(signals);
  });

  return async (target, options) => {
    if (servers.length === 0) process.on('unhandledRejection', crash).on('uncaughtException', crash);
    const server = await serve(target, options);
    servers.push(server);
    return server;
  };
}

export function connectionsOf(server: RunningServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
