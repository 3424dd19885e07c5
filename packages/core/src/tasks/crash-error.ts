import { type ErrorDescription } from '../errors/tunic-error.ts';

/** What a store writes into a task that lost one lease too many. */
export function crashError(crashes: number): ErrorDescription {
  return {
    name: 'TunicError',
    code: 'ERR_TUNIC_LEASE_LOST',
    message: `its worker died or froze ${crashes} times while it ran`,
  };
}
