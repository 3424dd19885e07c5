import type { ClaimRequest, NewTask } from '@tunic/core';

/** A task that differs from the plainest one only as said. */
export function newTask(overrides: Partial<NewTask> = {}): NewTask {
  return { id: 'a', name: 'work', queue: 'q', priority: 0, input: '{}', maxCrashes: 3, retentionMs: 60_000, ...overrides };
}

let requests = 0;

/** A claim with a request id of its own. */
export function claimRequest(overrides: Partial<ClaimRequest> = {}): ClaimRequest {
  requests += 1;
  return { requestId: `r${requests}`, worker: 'w', queues: ['q'], limit: 10, leaseMs: 10_000, ...overrides };
}
