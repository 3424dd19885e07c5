import { type Contender, prove } from '../harness/contender.ts';

/** Binds an operation to a library's retry. */
export type BindRetry = (operation: () => Promise<number>) => () => Promise<number>;

/** An operation that never fails, behind a retry. */
export function retryLoad(bind: BindRetry): Contender {
  let calls = 0;
  let asked = 0;
  let sum = 0;
  const call = bind(() => Promise.resolve(++calls));
  return {
    run: async (ops) => {
      asked = ops;
      calls = sum = 0;
      for (let op = 0; op < ops; op++) sum += await call();
    },
    check: async () => {
      prove(asked > 0 && calls === asked, `${calls} calls of the operation for ${asked}`);
      prove(sum === (asked * (asked + 1)) / 2, 'what the operation returned came back');
      await checkThatItRetries(bind);
    },
  };
}

async function checkThatItRetries(bind: BindRetry): Promise<void> {
  let calls = 0;
  const call = bind(() => (++calls < 2 ? Promise.reject(new Error('fails at first')) : Promise.resolve(calls)));
  const value = await call().catch(() => undefined);
  prove(value === 2 && calls === 2, 'an operation that failed is called again');
}
