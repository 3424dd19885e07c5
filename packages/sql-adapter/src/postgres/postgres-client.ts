/** The members of a `Pool` (or `Client`) of pg that the stores call; PGlite fits too. */
export interface PostgresClient {
  query(text: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>;
}
