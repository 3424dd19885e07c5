import { TunicError } from '@tunic/core';

/** Errors that Redis itself replies begin with a code in capitals; all others come from the client or the network. */
const REPLY = /^-?[A-Z][A-Z0-9]+(?= )/;

/** Replies that pass by themselves: start, fail-over, a moving slot, a long script, a disk that was full. */
const PASSING = new Set([
  'LOADING', 'BUSY', 'TRYAGAIN', 'CLUSTERDOWN', 'MASTERDOWN', 'READONLY', 'NOREPLICAS', 'MOVED', 'ASK', 'MISCONF', 'UNBLOCKED',
]);

/** Before Redis 7 the code of a command that failed in a script stands in the middle of the message. */
const OUT_OF_MEMORY = /(^|[\s-])OOM command not allowed/;

/** What only the program can mend: a client that it closed or never connected, or a value that the client refuses. */
const CLOSED = 'The client is closed';

/** What the client reported, as an error of ours. */
export function storeError(command: string, error: unknown): TunicError {
  const message = error instanceof Error ? error.message : String(error);
  if (OUT_OF_MEMORY.test(message))
    return new TunicError('ERR_TUNIC_STORE_FULL', `Redis has no memory left for ${command}: ${message}`, {
      cause: error,
      // Room comes back as keys expire.
      retryable: true,
    });
  return new TunicError('ERR_TUNIC_STORE', `Redis could not run ${command}: ${message}`, {
    cause: error,
    retryable: mayPass(error, message),
  });
}

function mayPass(error: unknown, message: string): boolean {
  const code = REPLY.exec(message)?.[0];
  if (code !== undefined) return PASSING.has(code);
  return error instanceof Error && !(error instanceof TypeError) && message !== CLOSED;
}
