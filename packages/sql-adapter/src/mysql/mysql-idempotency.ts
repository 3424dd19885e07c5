import { Buffer } from 'node:buffer';
import type { IdempotencyDialect, KeyLease, KeyRequest, ServerKey } from '../idempotency/idempotency-dialect.ts';
import { storableInteger } from '../idempotency/storable-integer.ts';
import { migrateMysql } from '../migrations/mysql-migrations.ts';
import type { MysqlClient } from './mysql-client.ts';

// UTC: the hour that a time zone repeats in autumn has no single number.
const NOW_US = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))";
const NOW_MS = `FLOOR(${NOW_US} / 1000)`;
const OWNED = `name = ? AND fence = ? AND value IS NULL AND expires_at > ${NOW_MS}`;

interface Row {
  fence: number | string;
  owner: Buffer | null;
  fingerprint: Buffer;
  value: Buffer | null;
  left_ms: number | string;
}

type Parameter = number | Buffer;

function bytes(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

function toServerKey(row: Row): ServerKey {
  return {
    fence: Number(row.fence),
    owner: row.owner?.toString('utf8'),
    fingerprint: row.fingerprint.toString('utf8'),
    value: row.value?.toString('utf8'),
    leftMs: Number(row.left_ms),
  };
}

/** The idempotency statements of MySQL and MariaDB; MySQL has no RETURNING. */
export class MysqlIdempotency implements IdempotencyDialect {
  readonly #client: MysqlClient;
  readonly #options: { prefix: string; migrate: boolean };
  readonly #table: string;

  constructor(client: MysqlClient, options: { prefix: string; migrate: boolean }) {
    this.#client = client;
    this.#options = options;
    this.#table = `${options.prefix}idempotency`;
  }

  migrate(): Promise<void> {
    return migrateMysql(this.#client, this.#options);
  }

  async acquire(request: KeyRequest): Promise<ServerKey | undefined> {
    const known = await this.#insertOrExtend(request);
    if (known === undefined || known.leftMs > 0) return known;
    const { key, owner, fingerprint, leaseMs } = request;
    await this.#client.execute(
      `UPDATE ${this.#table}
      SET fence = fence + 1, owner = ?, fingerprint = ?, value = NULL, expires_at = ${NOW_MS} + ?
      WHERE name = ? AND expires_at <= ${NOW_MS}`,
      [bytes(owner), bytes(fingerprint), storableInteger(leaseMs), bytes(key)],
    );
    return this.find(key);
  }

  renew({ key, fence }: KeyLease, leaseMs: number): Promise<boolean> {
    return this.#change(`expires_at = ${NOW_MS} + ?`, [storableInteger(leaseMs)], { key, fence });
  }

  complete({ key, fence }: KeyLease, value: string, ttlMs: number): Promise<boolean> {
    return this.#change(`value = ?, expires_at = ${NOW_MS} + ?`, [bytes(value), storableInteger(ttlMs)], { key, fence });
  }

  release({ key, fence }: KeyLease): Promise<boolean> {
    return this.#change(`owner = NULL, expires_at = ${NOW_MS}`, [], { key, fence });
  }

  async find(key: string): Promise<ServerKey | undefined> {
    const [rows] = await this.#client.execute(
      `SELECT fence, owner, fingerprint, value, expires_at - ${NOW_MS} AS left_ms FROM ${this.#table} WHERE name = ?`,
      [bytes(key)],
    );
    const row = (rows as Row[])[0];
    return row === undefined ? undefined : toServerKey(row);
  }

  async forget(afterMs: number, limit: number): Promise<void> {
    await this.#client.query(
      `DELETE FROM ${this.#table} WHERE expires_at <= ${NOW_MS} - ${afterMs} ORDER BY expires_at LIMIT ${limit}`,
    );
  }

  async #insertOrExtend({ key, owner, fingerprint, leaseMs }: KeyRequest): Promise<ServerKey | undefined> {
    const lease = storableInteger(leaseMs);
    await this.#client.execute(
      `INSERT INTO ${this.#table} (name, owner, fingerprint, fence, expires_at)
      VALUES (?, ?, ?, ${NOW_US}, ${NOW_MS} + ?)
      ON DUPLICATE KEY UPDATE expires_at = IF(owner = ? AND value IS NULL AND expires_at > ${NOW_MS}, ${NOW_MS} + ?, expires_at)`,
      [bytes(key), bytes(owner), bytes(fingerprint), lease, bytes(owner), lease],
    );
    return this.find(key);
  }

  /** A client may count only rows that came out different, so a count of 0 is looked into. */
  async #change(assignments: string, parameters: Parameter[], { key, fence }: KeyLease): Promise<boolean> {
    const where = [bytes(key), fence];
    const [result] = await this.#client.execute(`UPDATE ${this.#table} SET ${assignments} WHERE ${OWNED}`, [...parameters, ...where]);
    if ((result as { affectedRows: number }).affectedRows > 0) return true;
    const [rows] = await this.#client.execute(`SELECT 1 FROM ${this.#table} WHERE ${OWNED}`, where);
    return (rows as unknown[]).length === 1;
  }
}
