import type { Database } from '@millrace/postgres';

interface Session {
  readonly pid: number | null;
  readonly state: string | null;
  readonly seconds: number | null;
}

/** In words, the oldest transactions that have written and not ended, anywhere on the server; never their text. */
export async function describeOldestTransactions(database: Database): Promise<string[]> {
  const { rows } = await database.query<Session>(
    `SELECT pid, state, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
       FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'transactionid' AND granted AND mode = 'ExclusiveLock'
      ORDER BY age(transactionid) DESC LIMIT 3`,
  );
  return rows.map(describe);
}

function describe({ pid, state, seconds }: Session): string {
  if (pid === null) return 'a prepared transaction (see pg_prepared_xacts)';
  // PostgreSQL hides what another role does from whoever has no pg_read_all_stats.
  if (seconds === null) return `a transaction of pid ${pid}, whose age is hidden: grant pg_read_all_stats`;
  return `a transaction of ${Math.round(seconds)} s, pid ${pid}, ${state ?? 'state hidden'}`;
}
