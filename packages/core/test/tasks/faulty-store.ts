import { TunicError } from '../../src/errors/tunic-error.ts';
import type { TaskStore } from '../../src/tasks/store.ts';

export type Fault = 'none' | 'refused' | 'reply lost' | 'never answered' | 'done twice';

type Call = (...values: never[]) => Promise<unknown>;

/** A store whose every call may go wrong as `next` says; what a lost reply did is done all the same. */
export function faultyStore(store: TaskStore, next: (method: string) => Fault): TaskStore {
  return new Proxy(store, {
    get(target, property: keyof TaskStore) {
      const method: Call = target[property].bind(target) as Call;
      if (property === 'wake' || typeof property === 'symbol') return method;
      return async (...values: never[]) => {
        const fault = next(property);
        if (fault === 'refused') throw offline();
        if (fault === 'done twice') await method(...values);
        const reply = await method(...values);
        if (fault === 'reply lost') throw offline();
        return fault === 'never answered' ? new Promise(() => undefined) : reply;
      };
    },
  });
}

function offline(): TunicError {
  return new TunicError('ERR_TUNIC_STORE', 'connection lost', { retryable: true });
}
