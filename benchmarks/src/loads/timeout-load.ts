import { type Contender, prove } from '../harness/contender.ts';

/** Binds an operation to a library's time limit. */
export type BindTimeout = (operation: () => Promise<number>, limitMs: number) => () => Promise<number>;

const NEVER_REACHED_MS = 5_000;

/** An operation that ends at once, under a time limit. */
export function timeoutLoad(bind: BindTimeout, { patienceMs = 2_000 }: { patienceMs?: number } = {}): Contender {
  let calls = 0;
  let asked = 0;
  let sum = 0;
  const call = bind(() => Promise.resolve(++calls), NEVER_REACHED_MS);
  return {
    run: async (ops) => {
      asked = ops;
      calls = sum = 0;
      for (let op = 0; op < ops; op++) sum += await call();
    },
    check: async () => {
      prove(asked > 0 && calls === asked, `${calls} calls of the operation for ${asked}`);
      prove(sum === (asked * (asked + 1)) / 2, 'what the operation returned came back');
      prove(await endsHangingOperation(bind, patienceMs), 'an operation that hangs is given up');
    },
  };
}

async function endsHangingOperation(bind: BindTimeout, patienceMs: number): Promise<boolean> {
  const hang = bind(() => new Promise<never>(() => undefined), 5);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<false>((resolve) => (timer = setTimeout(resolve, patienceMs, false)));
  try {
    return await Promise.race([hang().then(() => false, () => true), patience]);
  } finally {
    clearTimeout(timer);
  }
}
