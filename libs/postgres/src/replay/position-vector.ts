import type { Fingerprint } from '@millrace/delivery';
import { formatPosition, formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import type { ClientBase, Pool } from 'pg';

/** Where a reader stands in one partition, and why it does not go on there, if it does not. */
export interface VectorEntry extends TopicPartition {
  readonly nextOffset: bigint;
  /** 0 until somebody has taken the partition. */
  readonly epoch: bigint;
  readonly partitionCount: number;
  /** Since its owner last committed, or took it. */
  readonly idleMs: number;
  readonly last: Fingerprint | undefined;
  readonly problem: { readonly state: 'held' | 'halted'; readonly reason: string } | undefined;
}

/** The first offset not done of each partition, by `topic/partition`. */
export type PositionVector = ReadonlyMap<string, bigint>;

interface VectorRow {
  reader: string;
  topic: string;
  partition: number;
  next_offset: bigint;
  epoch: bigint;
  partition_count: number;
  idle_ms: number;
  last_timestamp: bigint | null;
  last_identity: string | null;
  problem: VectorEntry['problem'] | null;
}

const SELECT = `SELECT reader, topic, partition, next_offset, epoch, partition_count, last_timestamp, last_identity, problem,
                       (extract(epoch FROM clock_timestamp() - updated_at) * 1000)::float8 AS idle_ms
                  FROM millrace.position WHERE reader = ANY($1) ORDER BY topic, partition`;

/** Where a reader stands in each partition that it has stood in. */
export async function readPositions(on: Pool | ClientBase, reader: string): Promise<VectorEntry[]> {
  return entriesOf((await on.query<VectorRow>(SELECT, [[reader]])).rows);
}

/** The same for many readers at once, by their names; one that has never stood anywhere is left out. */
export async function readAllPositions(
  on: Pool | ClientBase,
  readers: readonly string[],
): Promise<Map<string, VectorEntry[]>> {
  const { rows } = await on.query<VectorRow>(SELECT, [readers]);
  return new Map([...Map.groupBy(rows, ({ reader }) => reader)].map(([name, own]) => [name, entriesOf(own)]));
}

/**
 * The same, and nobody moves them until the transaction ends: whoever folds waits with its commit. A commit under way is
 * waited for, as long as the transaction's lock_timeout allows.
 */
export async function lockPositions(tx: ClientBase, reader: string): Promise<VectorEntry[]> {
  return entriesOf((await tx.query<VectorRow>(`${SELECT} FOR UPDATE`, [[reader]])).rows);
}

/** Lets a reader go as far as `stops` says in each partition, and no further. */
export async function setStops(on: Pool | ClientBase, reader: string, stops: PositionVector): Promise<void> {
  await on.query(
    `UPDATE millrace.position AS p SET stop_at = s.stop_at
       FROM unnest($2::text[], $3::bigint[]) AS s(partition, stop_at)
      WHERE p.reader = $1 AND p.topic || '/' || p.partition = s.partition AND p.stop_at IS DISTINCT FROM s.stop_at`,
    [reader, [...stops.keys()], [...stops.values()]],
  );
}

/** Lets a reader go on to the end of the log. */
export async function liftStops(on: Pool | ClientBase, reader: string): Promise<void> {
  await on.query('UPDATE millrace.position SET stop_at = NULL WHERE reader = $1', [reader]);
}

/** Stops a reader where it stands. */
export async function stopHere(pool: Pool, reader: string): Promise<void> {
  await pool.query(
    'UPDATE millrace.position SET stop_at = 0 WHERE reader = $1 AND stop_at IS DISTINCT FROM 0',
    [reader],
  );
}

export function vectorOf(entries: readonly VectorEntry[]): Map<string, bigint> {
  return new Map(entries.map((entry) => [formatTopicPartition(entry), entry.nextOffset]));
}

/** `topic/partition/offset` of the last record that a reader has done in each partition. */
export function lastDone(entries: readonly VectorEntry[]): string[] {
  return entries
    .filter(({ nextOffset }) => nextOffset > 0n)
    .map(({ topic, partition, nextOffset }) => formatPosition({ topic, partition, offset: nextOffset - 1n }));
}

/** The partitions in which the one reader is not as far as the other. */
export function behind(reader: PositionVector, other: PositionVector): string[] {
  return [...other].filter(([at, offset]) => (reader.get(at) ?? 0n) < offset).map(([at]) => at);
}

function entriesOf(rows: readonly VectorRow[]): VectorEntry[] {
  return rows.map((row) => ({
    topic: row.topic,
    partition: row.partition,
    nextOffset: row.next_offset,
    epoch: row.epoch,
    partitionCount: row.partition_count,
    idleMs: row.idle_ms,
    last:
      row.last_timestamp === null || row.last_identity === null
        ? undefined
        : { timestampMs: Number(row.last_timestamp), identity: row.last_identity },
    problem: row.problem ?? undefined,
  }));
}
