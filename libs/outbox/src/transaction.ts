/**
 * An open transaction of PostgreSQL, as far as `Outbox.append` uses it: runs one statement with `$1` parameters on the
 * connection that the transaction was begun on. A `Client` of `pg` after its BEGIN is one. For kysely it is
 * `{ query: (text, values) => tx.executeQuery(CompiledQuery.raw(text, values)) }`; errors of the database must come through.
 */
export interface OutboxTransaction {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly object[] }>;
}
