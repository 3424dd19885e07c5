import type { IdempotencyDialect, KeyLease, KeyRequest, ServerKey } from '../idempotency/idempotency-dialect.ts';
import { storableInteger } from '../idempotency/storable-integer.ts';
import { migratePostgres } from '../migrations/postgres-migrations.ts';
import type { PostgresClient } from './postgres-client.ts';

// now() is the time at which the transaction began: it would be old after a wait for a row's lock.
const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
/** First fence of a key: greater than any that an earlier, forgotten life of the key was given. */
const FIRST_FENCE = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint';

interface Row {
  fence: string | number;
  owner: string | null;
  fingerprint: string;
  value: string | null;
  left_ms: string | number;
}

function toServerKey(row: Row): ServerKey {
  return {
    fence: Number(row.fence),
    owner: row.owner ?? undefined,
    fingerprint: row.fingerprint,
    value: row.value ?? undefined,
    leftMs: Number(row.left_ms),
  };
}

/** The idempotency statements of PostgreSQL. */
export class PostgresIdempotency implements IdempotencyDialect {
  readonly #client: PostgresClient;
  readonly #options: { prefix: string; migrate: boolean };
  readonly #table: string;

  constructor(client: PostgresClient, options: { prefix: string; migrate: boolean }) {
    this.#client = client;
    this.#options = options;
    this.#table = `${options.prefix}idempotency`;
  }

  migrate(): Promise<void> {
    return migratePostgres(this.#client, this.#options);
  }

  async acquire({ key, owner, fingerprint, leaseMs }: KeyRequest): Promise<ServerKey | undefined> {
    const taken = await this.#first(
      `INSERT INTO ${this.#table} AS known (key, owner, fingerprint, fence, expires_at)
      VALUES ($1::text, $2::text, $3::text, ${FIRST_FENCE}, ${NOW_MS} + $4::bigint)
      ON CONFLICT (key) DO UPDATE SET
        fence = CASE WHEN known.expires_at > ${NOW_MS} THEN known.fence ELSE known.fence + 1 END,
        owner = excluded.owner, fingerprint = excluded.fingerprint, value = NULL, expires_at = ${NOW_MS} + $4
      WHERE known.expires_at <= ${NOW_MS} OR (known.owner = $2 AND known.value IS NULL)
      RETURNING fence, owner, fingerprint, value, $4::bigint AS left_ms`,
      [key, owner, fingerprint, storableInteger(leaseMs)],
    );
    return taken ?? this.find(key);
  }

  renew({ key, fence }: KeyLease, leaseMs: number): Promise<boolean> {
    return this.#change(`SET expires_at = ${NOW_MS} + $3::bigint`, [key, fence, storableInteger(leaseMs)]);
  }

  complete({ key, fence }: KeyLease, value: string, ttlMs: number): Promise<boolean> {
    return this.#change(`SET value = $3, expires_at = ${NOW_MS} + $4::bigint`, [key, fence, value, storableInteger(ttlMs)]);
  }

  release({ key, fence }: KeyLease): Promise<boolean> {
    return this.#change(`SET owner = NULL, expires_at = ${NOW_MS}`, [key, fence]);
  }

  find(key: string): Promise<ServerKey | undefined> {
    return this.#first(
      `SELECT fence, owner, fingerprint, value, expires_at - ${NOW_MS} AS left_ms FROM ${this.#table} WHERE key = $1`,
      [key],
    );
  }

  async forget(afterMs: number, limit: number): Promise<void> {
    await this.#client.query(
      `DELETE FROM ${this.#table} WHERE key = ANY (ARRAY (
        SELECT key FROM ${this.#table} WHERE expires_at <= ${NOW_MS} - $1::bigint
        ORDER BY expires_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED))`,
      [afterMs, limit],
    );
  }

  async #first(text: string, parameters: unknown[]): Promise<ServerKey | undefined> {
    const { rows } = await this.#client.query(text, parameters);
    return rows[0] === undefined ? undefined : toServerKey(rows[0] as Row);
  }

  async #change(assignments: string, parameters: unknown[]): Promise<boolean> {
    const { rows } = await this.#client.query(
      `UPDATE ${this.#table} ${assignments}
      WHERE key = $1 AND fence = $2::bigint AND value IS NULL AND expires_at > ${NOW_MS} RETURNING 1`,
      parameters,
    );
    return rows.length === 1;
  }
}
