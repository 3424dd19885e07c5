/** The text of one statement for the tables with a given prefix, and the type of the rows that it answers. */
export interface SqliteQuery<Row = never> {
  (prefix: string): string;
  /** Only for the type. */
  readonly row?: Row;
}
