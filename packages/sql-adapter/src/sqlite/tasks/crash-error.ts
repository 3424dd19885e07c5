import type { ErrorDescription } from '@tunic/core';

/** What a task's record says when it lost one lease too many. */
export function crashError(crashes: number): ErrorDescription {
  return {
    name: 'TunicError',
    code: 'ERR_TUNIC_LEASE_LOST',
    message: `its worker died or froze ${crashes} times while it ran`,
  };
}
