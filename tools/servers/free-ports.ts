import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the range that systems hand out for outgoing connections, and low enough that the bus of a Redis Cluster node
// (its port + 10000) stays below it too.
const FIRST = 12_000;
const LAST = 22_000;

export const CLUSTER_BUS_OFFSET = 10_000;

const taken = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** A loopback port that is free, and so is its neighbour `offset` above it; this process is never given it twice. */
export async function freePort(offset = 0): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (taken.has(port)) continue;
    taken.add(port);
    if ((await isFree(port)) && (offset === 0 || (await isFree(port + offset)))) return port;
  }
}
