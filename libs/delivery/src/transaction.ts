/** A PostgreSQL transaction that somebody else begins and ends. pg's clients satisfy it. */
export interface Transaction {
  /** Values go as parameters ($1, $2, …), never into the text. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}
