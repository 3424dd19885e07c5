import { type Keeper } from './keeper-client.ts';
import { type Command } from './keeper-protocol.ts';
import { waitUntil } from './wait-until.ts';

const READY_WITHIN_MS = 60_000;

/** Starts a server and waits until `ping` fulfils; rejects at once, with the end of its log, when the server ends before that. */
export async function startService(keeper: Keeper, command: Command, ping: () => Promise<unknown>): Promise<void> {
  const service = await keeper.start(command);
  await waitUntil(ping, { withinMs: READY_WITHIN_MS, unless: service.ended });
}
