import type { Position } from '@millrace/event';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../in-transaction';
import { storedHeader } from './stored-record';
import type { HeadersColumn } from './stored-record';

/** Which records of one reader; all conditions together. */
export interface ParkedFilter {
  readonly state?: 'queued' | 'dead';
  readonly key?: string;
  readonly positions?: readonly Position[];
}

/** A record that was taken out of its partition's way, without its payload. */
export interface ParkedEntry extends Position {
  /** Null for a record without a key. */
  readonly key: string | null;
  readonly state: 'queued' | 'dead';
  /** The event's id and source, where the record has them. */
  readonly id?: string;
  readonly source?: string;
  readonly parkedAt: Date;
  /** Of the last try; absent for a record that only waits behind another one of its key. */
  readonly failure?: {
    readonly reason: 'exhausted' | 'permanent' | 'undecodable';
    readonly attempts: number;
    readonly failedAt: Date;
    readonly name: string;
    readonly message: string;
  };
  /** When its queue is tried again; absent while the key stands behind a dead letter, and for a dead letter. */
  readonly nextAttemptAt?: Date;
}

export interface ParkedCounts {
  readonly topic: string;
  readonly partition: number;
  readonly keys: number;
  readonly queued: number;
  readonly dead: number;
  /** How long ago the oldest dead letter failed; null when there is none. */
  readonly oldestDeadSeconds: number | null;
}

interface EntryRow {
  topic: string;
  partition: number;
  record_offset: bigint;
  key: Buffer | null;
  state: 'queued' | 'dead';
  headers: HeadersColumn;
  parked_at: Date;
  attempts: number;
  failed_at: Date | null;
  reason: 'exhausted' | 'permanent' | 'undecodable' | null;
  error_name: string | null;
  error_message: string | null;
  next_attempt_at: Date | null;
}

/** The rows that a filter means, as a condition on `record` with parameters $1 to $6. */
const MEANT = `record.reader = $1
  AND ($2::text IS NULL OR record.state = $2)
  AND ($3::bytea IS NULL OR record.key = $3)
  AND ($4::text[] IS NULL OR (record.topic, record.partition, record.record_offset) IN
        (SELECT * FROM unnest($4::text[], $5::int[], $6::bigint[])))`;
/** That `fence`, a row of millrace.key_fence, is the one that `record` stands behind, or is the cause of. */
export const SAME_FENCE =
  'fence.reader = record.reader AND fence.topic = record.topic AND fence.partition = record.partition AND fence.fence = record.fence';

/**
 * What people see and decide of one reader's parked records and dead letters, from any process. The partition's owner goes on
 * with it within seconds.
 */
export class ParkedRecords {
  constructor(
    private readonly pool: Pool,
    private readonly reader: string,
  ) {}

  /** In the order of topic, partition and offset, behind `after`, at most `limit`. */
  async list(
    filter: ParkedFilter,
    page: { readonly limit: number; readonly after?: Position },
  ): Promise<ParkedEntry[]> {
    const { limit, after } = page;
    const { rows } = await this.pool.query<EntryRow>(
      `SELECT record.topic, record.partition, record.record_offset, record.key, record.state, record.headers, record.parked_at,
              record.attempts, record.failed_at, record.reason, record.error_name, record.error_message,
              CASE WHEN record.state = 'queued' AND fence.state = 'parked' THEN fence.next_attempt_at END AS next_attempt_at
         FROM millrace.parked_record AS record LEFT JOIN millrace.key_fence AS fence ON ${SAME_FENCE}
        WHERE ${MEANT}
          AND ($7::text IS NULL OR (record.topic, record.partition, record.record_offset) > ($7, $8::int, $9::bigint))
        ORDER BY record.topic, record.partition, record.record_offset LIMIT $10`,
      [
        ...this.parameters(filter),
        ...[after?.topic ?? null, after?.partition ?? null, after?.offset ?? null, limit],
      ],
    );
    return rows.map(entryOf);
  }

  /**
   * Has records run again: dead letters go back to their queues, and the queues of all of them are due now, with all their
   * tries before them. Order holds within a key: a queue is run from its first record. A key that flowed on without its dead
   * letter is fenced again while that one runs. Gives how many records it was.
   */
  redrive(filter: ParkedFilter): Promise<number> {
    return inTransaction(this.pool, async (client) => {
      await this.lockFences(client, filter);
      const { rowCount } = await client.query(
        `WITH driven AS (
           UPDATE millrace.parked_record AS record SET state = 'queued', attempts = 0, dlq_copy = NULL WHERE ${MEANT}
           RETURNING record.topic, record.partition, record.fence)
         , due AS (
           INSERT INTO millrace.key_fence (reader, topic, partition, fence, state, next_attempt_at)
           SELECT DISTINCT $1, topic, partition, fence, 'parked', now() FROM driven
           ON CONFLICT (reader, topic, partition, fence) DO UPDATE SET state = 'parked', next_attempt_at = now())
         SELECT 1 FROM driven`,
        this.parameters(filter),
      );
      return rowCount ?? 0;
    });
  }

  /** Gives records up for good; what is behind them in their queues goes on. Gives how many records it was. */
  discard(filter: ParkedFilter): Promise<number> {
    return inTransaction(this.pool, async (client) => {
      await this.lockFences(client, filter);
      const { rowCount } = await client.query(
        `WITH gone AS (
           DELETE FROM millrace.parked_record AS record WHERE ${MEANT}
           RETURNING record.topic, record.partition, record.fence)
         , freed AS (
           UPDATE millrace.key_fence AS fence SET state = 'parked', next_attempt_at = now() FROM gone
            WHERE fence.reader = $1 AND fence.topic = gone.topic AND fence.partition = gone.partition
              AND fence.fence = gone.fence)
         SELECT 1 FROM gone`,
        this.parameters(filter),
      );
      return rowCount ?? 0;
    });
  }

  /** Of every partition that has any. */
  async counts(): Promise<ParkedCounts[]> {
    const { rows } = await this.pool.query<ParkedCounts>(
      `SELECT topic, partition, count(DISTINCT fence) FILTER (WHERE state = 'queued')::int AS keys,
              count(*) FILTER (WHERE state = 'queued')::int AS queued, count(*) FILTER (WHERE state = 'dead')::int AS dead,
              extract(epoch FROM clock_timestamp() - min(failed_at) FILTER (WHERE state = 'dead'))::float8
                AS "oldestDeadSeconds"
         FROM millrace.parked_record WHERE reader = $1 GROUP BY topic, partition ORDER BY topic, partition`,
      [this.reader],
    );
    return rows;
  }

  /** In the order in which drains lock them, so that neither waits for the other in a circle. */
  private async lockFences(client: PoolClient, filter: ParkedFilter): Promise<void> {
    await client.query(
      `SELECT 1 FROM millrace.key_fence AS fence
        WHERE reader = $1 AND EXISTS (SELECT 1 FROM millrace.parked_record AS record WHERE ${SAME_FENCE} AND ${MEANT})
        ORDER BY topic, partition, fence FOR NO KEY UPDATE`,
      this.parameters(filter),
    );
  }

  private parameters({ state, key, positions }: ParkedFilter): unknown[] {
    return [
      ...[this.reader, state ?? null, key === undefined ? null : Buffer.from(key)],
      positions?.map(({ topic }) => topic) ?? null,
      positions?.map(({ partition }) => partition) ?? null,
      positions?.map(({ offset }) => offset) ?? null,
    ];
  }
}

function entryOf(row: EntryRow): ParkedEntry {
  const id = storedHeader(row.headers, 'ce_id')?.toString();
  const source = storedHeader(row.headers, 'ce_source')?.toString();
  return {
    ...{ topic: row.topic, partition: row.partition, offset: row.record_offset },
    ...{ key: row.key?.toString() ?? null, state: row.state, parkedAt: row.parked_at },
    ...(id === undefined ? {} : { id }),
    ...(source === undefined ? {} : { source }),
    ...(row.reason === null || row.failed_at === null
      ? {}
      : {
          failure: {
            ...{ reason: row.reason, attempts: row.attempts, failedAt: row.failed_at },
            ...{ name: row.error_name ?? '', message: row.error_message ?? '' },
          },
        }),
    ...(row.next_attempt_at === null ? {} : { nextAttemptAt: row.next_attempt_at }),
  };
}
