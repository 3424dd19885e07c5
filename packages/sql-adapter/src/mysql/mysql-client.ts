/** The members of a `Connection` of mysql2/promise that the stores call. */
export interface MysqlConnection {
  /** Resolves with what the statement gave (rows, or counts) and with the fields. */
  execute(sql: string, parameters?: (string | number | Uint8Array | null)[]): Promise<[unknown, unknown]>;
  query(sql: string): Promise<[unknown, unknown]>;
}

/** A `Pool` or `Connection` of mysql2/promise. */
export interface MysqlClient extends MysqlConnection {
  /** What a pool has: one connection for several statements that belong together. */
  getConnection?(): Promise<MysqlConnection & { release(): void }>;
}
