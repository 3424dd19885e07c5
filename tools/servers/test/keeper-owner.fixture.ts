/** Owns a keeper with two programs under it, tells their pids, and stays until it is ended or told how to end. */
import { createKeeper } from '../keeper-client.ts';

const keeper = await createKeeper();
keeper.makeFolder('data');
// The second one ignores the polite signal, and has a child of its own.
const polite = { program: '/bin/sh', args: ['-c', 'echo $$ > polite.pid; exec sleep 1000'], stopSignal: 'SIGTERM' } as const;
const stubborn = { program: '/bin/sh', args: ['-c', 'sleep 1000 & echo $! > child.pid; echo $$ > stubborn.pid; wait'], stopSignal: 'SIGKILL' } as const;
await Promise.all([keeper.start(polite), keeper.start(stubborn)]);
const alive = setInterval(() => undefined, 1000);
process.stdout.write(`${JSON.stringify({ folder: keeper.folder, keeper: keeper.pid })}\n`);
const orphaned = (): never => process.exit(1);
process.once('disconnect', orphaned);
process.once('message', (order) => {
  process.off('disconnect', orphaned);
  clearInterval(alive);
  process.disconnect();
  if (order === 'close') void keeper.close();
  if (order === 'throw') throw new Error('a crash on purpose');
});
