import { expectTrue } from './contract-assert.ts';
import type { ContractCase } from './contract.ts';

/** What the contract of a port needs to know of a store. */
export interface StoreHarness<S extends AsyncDisposable> {
  /**
   * Opens one more instance on the same storage, as another process would. The storage is empty before the first case;
   * every case uses keys of its own, disposes what it opened, and may be run again only on empty storage.
   */
  createStore(): S | Promise<S>;
  /** Lets at least `ms` pass on the store's clock: a real wait, or a step of a virtual clock. */
  sleep(ms: number): Promise<void>;
  /** Moves the store's clock by exactly `ms`; for the cases that require `'virtual-time'`. */
  advance?(ms: number): Promise<void>;
}

/** What a case works with. */
export interface CaseBench<S extends AsyncDisposable> {
  /** A key of its own, of up to 120 characters. */
  readonly key: string;
  readonly a: S;
  /** Another instance on the same storage. */
  readonly b: S;
  /** Opens further instances. */
  readonly open: () => Promise<S>;
  readonly sleep: (ms: number) => Promise<void>;
  /** For timed cases alone. */
  readonly advance: (ms: number) => Promise<void>;
}

type CaseBody<S extends AsyncDisposable> = (bench: CaseBench<S>) => Promise<void>;

/** A case over several instances of a store, which are disposed afterwards. */
export function defineCase<S extends AsyncDisposable>(name: string, body: CaseBody<S>): ContractCase<StoreHarness<S>> {
  return { name, run: (harness) => runCase(name, body, harness) };
}

/** A case that needs the store's time to stand still in between. */
export function defineTimedCase<S extends AsyncDisposable>(name: string, body: CaseBody<S>): ContractCase<StoreHarness<S>> {
  return {
    name,
    requires: ['virtual-time'],
    run: async (harness) => {
      expectTrue(harness.advance !== undefined, "a harness with `advance`, as the case requires 'virtual-time'");
      await runCase(name, body, harness);
    },
  };
}

async function runCase<S extends AsyncDisposable>(name: string, body: CaseBody<S>, harness: StoreHarness<S>): Promise<void> {
  const opened: S[] = [];
  const open = async (): Promise<S> => {
    const store = await harness.createStore();
    opened.push(store);
    return store;
  };
  try {
    const [a, b] = [await open(), await open()];
    const advance = (ms: number): Promise<void> => harness.advance?.(ms) ?? Promise.resolve();
    await body({ key: name.slice(0, 120), a, b, open, sleep: (ms) => harness.sleep(ms), advance });
  } finally {
    for (const store of opened) await store[Symbol.asyncDispose]();
  }
}

/** Long enough that nothing runs out in a case that does not wait for it. */
export const LONG_MS = 60_000;
/** For what a case waits for. */
export const SHORT_MS = 250;

/** Texts that a collation, an escape or a normal form somewhere on the way would confuse. */
export const AWKWARD_TEXTS: readonly string[] = [
  ...['plain', ' spaces  kept', 'a', 'A', 'a ', 'Straße', 'STRASSE', '\u00e9', 'e\u0301', '日本語 العربية', '🎉', '👩‍👩‍👧'],
  ...['quote \' " ` \\ %_', 'line\r\nbreak\ttab', '{x}', '[1]', 'a:b*c?', '\u0001\u007f\uffff', '__proto__', 'constructor'],
];
