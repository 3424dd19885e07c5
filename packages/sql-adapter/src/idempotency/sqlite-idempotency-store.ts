import type { IdempotencyBegin, IdempotencyStore } from '@tunic/core';
import type { SqliteSession, SqliteStatements } from '../sqlite/sqlite-session.ts';
import { storableMs } from '../sqlite/storable-ms.ts';
import { completeKey, dropKey, extendKey, findKey, forgetKeys, releaseKey, takeKey } from './sqlite-statements.ts';

/** Each new key pays for the removal of two, so the table cannot outgrow what is alive. */
const FORGOTTEN_PER_KEY = 2;

interface BeginRequest {
  owner: string;
  fingerprint: string;
  leaseMs: number;
}

interface Lease {
  key: string;
  fence: number;
  now: number;
}

function begin(db: SqliteStatements, key: string, request: BeginRequest & { now: number }): IdempotencyBegin {
  const { owner, fingerprint, now } = request;
  const until = storableMs(now + request.leaseMs);
  const found = db.get(findKey, key);
  if (found === undefined || found.expires_at <= now) {
    db.run(dropKey, key);
    db.run(forgetKeys, now, FORGOTTEN_PER_KEY);
    const taken = db.all(takeKey, key, owner, fingerprint, until);
    return { state: 'acquired', fence: taken[0]?.fence ?? 0 };
  }
  if (found.value !== null) return { state: 'done', fingerprint: found.fingerprint, value: found.value };
  if (found.owner !== owner) return { state: 'busy', fingerprint: found.fingerprint, retryAfterMs: found.expires_at - now };
  db.run(extendKey, until, key, found.fence, now);
  return { state: 'acquired', fence: found.fence };
}

function complete(db: SqliteStatements, { key, fence, now }: Lease, end: { value: string; ttlMs: number }): boolean {
  if (db.run(completeKey, end.value, storableMs(now + end.ttlMs), key, fence, now) === 1) return true;
  const found = db.get(findKey, key);
  return found?.fence === fence && found.value === end.value && found.expires_at > now;
}

/** The idempotency port on SQLite: each method decides and writes in one transaction. */
export class SqliteIdempotencyStore implements IdempotencyStore {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  begin(key: string, request: BeginRequest): Promise<IdempotencyBegin> {
    return this.#session.write((db, now) => begin(db, key, { ...request, now }));
  }

  renew(key: string, fence: number, leaseMs: number): Promise<boolean> {
    return this.#session.write((db, now) => db.run(extendKey, storableMs(now + leaseMs), key, fence, now) === 1);
  }

  complete(key: string, fence: number, value: string, ttlMs: number): Promise<boolean> {
    return this.#session.write((db, now) => complete(db, { key, fence, now }, { value, ttlMs }));
  }

  release(key: string, fence: number): Promise<boolean> {
    return this.#session.write((db, now) => db.run(releaseKey, key, fence, now) === 1);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#session.close();
    return Promise.resolve();
  }
}
