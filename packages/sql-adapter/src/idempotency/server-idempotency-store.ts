import { type IdempotencyBegin, type IdempotencyStore, TunicError } from '@tunic/core';
import { toServerError } from '../client/server-error.ts';
import type { IdempotencyDialect, ServerKey } from './idempotency-dialect.ts';

/** Released and expired keys stay this long, so that the fence of a key in use grows without a gap. */
const KEPT_AFTER_EXPIRY_MS = 86_400_000;
/** One acquisition in so many removes up to `FORGOTTEN_AT_ONCE` dead keys: more leave than come. */
const ACQUISITIONS_PER_PASS = 50;
const FORGOTTEN_AT_ONCE = 200;

interface BeginRequest {
  owner: string;
  fingerprint: string;
  leaseMs: number;
}

/** `undefined`: the key became free again since it was looked at. */
function toBegin(row: ServerKey | undefined, owner: string): IdempotencyBegin | undefined {
  if (row?.value === undefined && row?.owner === owner) return { state: 'acquired', fence: row.fence };
  if (row === undefined || row.leftMs <= 0) return undefined;
  if (row.value !== undefined) return { state: 'done', fingerprint: row.fingerprint, value: row.value };
  return { state: 'busy', fingerprint: row.fingerprint, retryAfterMs: row.leftMs };
}

/** The idempotency port on a database server. */
export class ServerIdempotencyStore implements IdempotencyStore {
  readonly #dialect: IdempotencyDialect;
  #ready: Promise<void> | true | undefined;
  #acquisitions = 0;
  #closed = false;

  constructor(dialect: IdempotencyDialect) {
    this.#dialect = dialect;
  }

  begin(key: string, request: BeginRequest): Promise<IdempotencyBegin> {
    return this.#call(async () => {
      for (;;) {
        const begun = toBegin(await this.#dialect.acquire({ key, ...request }), request.owner);
        if (begun === undefined) continue;
        if (begun.state === 'acquired') await this.#forgetSome();
        return begun;
      }
    });
  }

  renew(key: string, fence: number, leaseMs: number): Promise<boolean> {
    return this.#call(() => this.#dialect.renew({ key, fence }, leaseMs));
  }

  complete(key: string, fence: number, value: string, ttlMs: number): Promise<boolean> {
    return this.#call(async () => {
      if (await this.#dialect.complete({ key, fence }, value, ttlMs)) return true;
      const row = await this.#dialect.find(key);
      return row?.fence === fence && row.value === value && row.leftMs > 0;
    });
  }

  release(key: string, fence: number): Promise<boolean> {
    return this.#call(() => this.#dialect.release({ key, fence }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new TunicError('ERR_TUNIC_CLOSED', 'the store is closed');
    try {
      if (this.#ready !== true) await this.#prepare();
      return await work();
    } catch (error) {
      throw toServerError(error);
    }
  }

  async #prepare(): Promise<void> {
    this.#ready ??= this.#dialect.migrate();
    try {
      await this.#ready;
      this.#ready = true;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  async #forgetSome(): Promise<void> {
    this.#acquisitions += 1;
    if (this.#acquisitions % ACQUISITIONS_PER_PASS === 0) await this.#dialect.forget(KEPT_AFTER_EXPIRY_MS, FORGOTTEN_AT_ONCE);
  }
}
