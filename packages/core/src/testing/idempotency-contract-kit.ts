import type { IdempotencyBegin, IdempotencyStore } from '../limits/idempotency/idempotency-store.ts';
import { expectTrue } from './contract-assert.ts';
import type { ContractCase } from './contract.ts';

/** What {@link idempotencyStoreContract} needs to know of a store. */
export interface IdempotencyStoreHarness {
  /**
   * Opens one more instance on the same storage, as another process would. The storage is empty before the first case;
   * every case uses keys of its own, disposes what it opened, and may be run again only on empty storage.
   */
  createStore(): IdempotencyStore | Promise<IdempotencyStore>;
  /** Lets `ms` pass on the store's clock: a real wait, or a step of a virtual clock. */
  sleep(ms: number): Promise<void>;
  /** Moves the store's clock by exactly `ms`; for the cases that require `'virtual-time'`. */
  advance?(ms: number): Promise<void>;
}

/** One case of the contract. */
export type IdempotencyCase = ContractCase<IdempotencyStoreHarness>;

/** Long enough that no lease runs out in a case that does not wait for it. */
export const LONG_MS = 60_000;
/** For leases and values that a case waits for. */
export const SHORT_MS = 250;
const DEADLINE_MS = 10_000;

/** Runs with so many instances and disposes them afterwards. */
export async function withStores(harness: IdempotencyStoreHarness, count: number, run: (...stores: IdempotencyStore[]) => Promise<void>): Promise<void> {
  const stores: IdempotencyStore[] = [];
  try {
    while (stores.length < count) stores.push(await harness.createStore());
    await run(...stores);
  } finally {
    for (const store of stores) await store[Symbol.asyncDispose]();
  }
}

/** A case over several instances of the store, which get the key as well. */
export function define(name: string, run: (key: string, a: IdempotencyStore, b: IdempotencyStore, harness: IdempotencyStoreHarness) => Promise<void>): IdempotencyCase {
  return {
    name,
    run: (harness) => withStores(harness, 2, (a, b) => run(name, a, b, harness)),
  };
}

/** A case that needs the store's time to stand still in between. */
export function defineTimed(
  name: string,
  run: (key: string, store: IdempotencyStore, advance: (ms: number) => Promise<void>) => Promise<void>,
): IdempotencyCase {
  return {
    name,
    requires: ['virtual-time'],
    run: (harness) =>
      withStores(harness, 1, async (store) => {
        expectTrue(harness.advance !== undefined, "a harness with `advance`, as the case requires 'virtual-time'");
        await run(name, store, (ms) => harness.advance?.(ms) ?? Promise.resolve());
      }),
  };
}

/** `begin` with the usual fingerprint. */
export function begin(store: IdempotencyStore, key: string, owner: string, leaseMs: number = LONG_MS): Promise<IdempotencyBegin> {
  return store.begin(key, { owner, fingerprint: 'f', leaseMs });
}

/** Takes a key that must be free, and answers the fence. */
export async function acquire(store: IdempotencyStore, key: string, owner: string, leaseMs: number = LONG_MS): Promise<number> {
  const reply = await begin(store, key, owner, leaseMs);
  expectTrue(reply.state === 'acquired', `begin by ${owner} to acquire the key, not to find it ${reply.state}`);
  expectTrue(Number.isSafeInteger(reply.fence), 'a whole number as fence');
  return reply.fence;
}

/** Takes a key as soon as it is free. */
export async function acquireInTime(store: IdempotencyStore, key: string, owner: string, harness: IdempotencyStoreHarness): Promise<number> {
  for (let waited = 0; waited < DEADLINE_MS; waited += 50) {
    const reply = await begin(store, key, owner);
    if (reply.state === 'acquired') return reply.fence;
    await harness.sleep(50);
  }
  throw new Error(`the key was not free ${DEADLINE_MS} ms after its time ran out`);
}

/** The reply of `begin` to a key under which `value` is stored. */
export const done = (value: string, fingerprint = 'f'): IdempotencyBegin => ({ state: 'done', fingerprint, value });
