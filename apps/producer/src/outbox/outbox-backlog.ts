import type { Database } from '@millrace/postgres';

/** What waits in an outbox, as any instance can see it. */
export interface Backlog {
  /** Committed events that are not in the log; counted up to `COUNTED_AT_MOST`. */
  readonly records: number;
  /** Age of the oldest of them. */
  readonly seconds: number;
  readonly setAside: { readonly refused: number; readonly waiting: number };
}

/** An event that is set aside for a reason of its own. */
export interface RefusedEvent {
  readonly number: string;
  readonly topic: string;
  readonly type: string;
  readonly source: string;
  readonly id: string;
  readonly setAsideAt: Date;
  readonly code: string;
  readonly reason: string;
  /** An operator has said that it shall be tried once more. */
  readonly retry: boolean;
  /** Later events of its key, which wait for it. */
  readonly waiting: number;
}

export const COUNTED_AT_MOST = 100_000;

export async function readBacklog(database: Database): Promise<Backlog> {
  const { rows } = await database.query<{
    records: bigint;
    seconds: number;
    refused: bigint;
    waiting: bigint;
  }>(
    `SELECT count(*) AS records,
            coalesce(extract(epoch FROM clock_timestamp() - min(appended_at)), 0)::float8 AS seconds,
            (SELECT count(*) FROM millrace_outbox.set_aside WHERE code IS NOT NULL) AS refused,
            (SELECT count(*) FROM millrace_outbox.set_aside WHERE code IS NULL) AS waiting
       FROM (SELECT appended_at FROM millrace_outbox.event
              WHERE number > (SELECT position FROM millrace_outbox.relay) ORDER BY number LIMIT $1) behind`,
    [COUNTED_AT_MOST],
  );
  const { records = 0n, seconds = 0, refused = 0n, waiting = 0n } = rows[0] ?? {};
  return {
    records: Number(records),
    seconds: Math.round(seconds * 10) / 10,
    setAside: { refused: Number(refused), waiting: Number(waiting) },
  };
}

/** The oldest first; never the events' data. */
export async function listRefused(database: Database, limit: number): Promise<RefusedEvent[]> {
  const { rows } = await database.query<RefusedEvent>(
    `SELECT number::text AS number, topic, type, source, id, set_aside_at AS "setAsideAt", code, reason, retry,
            (SELECT count(*)::int FROM millrace_outbox.set_aside later
              WHERE later.topic = one.topic AND later.key = one.key AND later.code IS NULL) AS waiting
       FROM millrace_outbox.set_aside one WHERE code IS NOT NULL ORDER BY one.number LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Has an event tried once more. False when none of that number is set aside for a reason of its own. */
export async function retryRefused(database: Database, number: bigint): Promise<boolean> {
  const { rowCount } = await database.query(
    'UPDATE millrace_outbox.set_aside SET retry = true WHERE number = $1 AND code IS NOT NULL',
    [number],
  );
  return rowCount === 1;
}

/** Gives an event up for good; those that wait behind it go on. Gives its identity, or undefined as above. */
export async function discardRefused(
  database: Database,
  number: bigint,
): Promise<{ topic: string; type: string; source: string; id: string } | undefined> {
  const { rows } = await database.query<{ topic: string; type: string; source: string; id: string }>(
    `DELETE FROM millrace_outbox.set_aside WHERE number = $1 AND code IS NOT NULL RETURNING topic, type, source, id`,
    [number],
  );
  return rows[0];
}
