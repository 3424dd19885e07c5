/** What SQLite takes as a parameter. */
export type SqliteValue = string | number | null;

/** A prepared statement: the members of better-sqlite3, libsql and node:sqlite that the stores call. */
export interface SqliteStatement {
  /** Runs to the end; `changes` counts the rows written by this statement. */
  run(...parameters: SqliteValue[]): { changes: number | bigint };
  /** The first row, or nothing. */
  get(...parameters: SqliteValue[]): unknown;
  /** Every row. */
  all(...parameters: SqliteValue[]): unknown[];
}

/**
 * One synchronous connection to an SQLite file: a `Database` of better-sqlite3 or libsql, a `DatabaseSync` of
 * node:sqlite, or what `openSqlite` returns. Numbers must come back as numbers (no "safe integers" mode), and no
 * transaction of yours may stay open across an `await` while a store uses the connection.
 */
export interface SqliteClient {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}
