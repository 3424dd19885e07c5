import { timeout } from '../../resilience/timeout/timeout.ts';
import type { Clock } from '../../time/clock.ts';
import type { TaskStore } from '../store.ts';

/** The calls that a worker repeats by itself. */
export type WorkerStore = Pick<TaskStore, 'claim' | 'settle' | 'renew' | 'reap'>;

/**
 * A store whose calls end after `limitMs` even where the store never answers: to the caller that is a lost reply, and
 * every call may be repeated after one.
 */
export function limitCalls(store: TaskStore, limitMs: number, clock: Clock): WorkerStore {
  const limited = <T>(call: () => Promise<T>): Promise<T> => timeout(call, limitMs, { clock });
  return {
    claim: (request) => limited(() => store.claim(request)),
    settle: (settlements) => limited(() => store.settle(settlements)),
    renew: (renewals, leaseMs) => limited(() => store.renew(renewals, leaseMs)),
    reap: (limit) => limited(() => store.reap(limit)),
  };
}
