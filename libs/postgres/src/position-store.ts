import { crashPoint } from '@millrace/contracts';
import { FencedError, StopReachedError } from '@millrace/delivery';
import type { Advance, Claim, PositionLedger, StoredPosition, StoreFailure } from '@millrace/delivery';
import type { TopicPartition } from '@millrace/event';
import type { Pool, PoolClient } from 'pg';
import { classifyDatabaseFailure } from './database-failure';
import { inTransaction } from './in-transaction';

interface PositionRow {
  next_offset: bigint;
  epoch: bigint;
  partition_count: number;
  last_timestamp: bigint | null;
  last_identity: string | null;
  stop_at: bigint | null;
}

const COLUMNS = 'next_offset, epoch, partition_count, last_timestamp, last_identity, stop_at';

/** Why the owner of a partition does not go on. */
export interface StandingProblem {
  readonly state: 'held' | 'halted';
  readonly reason: string;
}

export interface PositionStoreOptions {
  /**
   * Whether PostgreSQL may answer before a commit is on disk, as long as the position has a stop. After its crash the last
   * commits may be gone then, effects and position together, and the reader does them again. Default: false.
   */
  readonly commitsLateBelowStop?: boolean;
}

/** The positions of one reader in `millrace.position`. Safe to use from any number of processes. */
export class PositionStore implements PositionLedger<PoolClient> {
  constructor(
    private readonly pool: Pool,
    readonly reader: string,
    private readonly options: PositionStoreOptions = {},
  ) {}

  async read(at: TopicPartition): Promise<StoredPosition | undefined> {
    const { rows } = await this.pool.query<PositionRow>(
      `SELECT ${COLUMNS} FROM millrace.position WHERE reader = $1 AND topic = $2 AND partition = $3`,
      [this.reader, at.topic, at.partition],
    );
    return rows[0] === undefined ? undefined : storedPosition(rows[0]);
  }

  async knownPartitionCount(topic: string): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ count: number | null }>(
      'SELECT max(partition_count) AS count FROM millrace.position WHERE reader = $1 AND topic = $2',
      [this.reader, topic],
    );
    return rows[0]?.count ?? undefined;
  }

  /** The first offset not done in every partition that has a position, whoever owns it now. */
  async readAll(): Promise<(TopicPartition & { readonly nextOffset: bigint })[]> {
    const { rows } = await this.pool.query<{ topic: string; partition: number; next_offset: bigint }>(
      'SELECT topic, partition, next_offset FROM millrace.position WHERE reader = $1',
      [this.reader],
    );
    return rows.map(({ topic, partition, next_offset: nextOffset }) => ({ topic, partition, nextOffset }));
  }

  async take(at: TopicPartition, claim: Claim): Promise<StoredPosition | undefined> {
    // Earlier versions leave copy_epoch, or parking_epoch, behind their epoch; so does a row without an owner of ours.
    const { rows } =
      claim.previous === undefined
        ? await this.pool.query<PositionRow>(
            `INSERT INTO millrace.position
               (reader, topic, partition, next_offset, epoch, partition_count, copy_epoch, parking_epoch, known_copy)
             VALUES ($1, $2, $3, $4, 1, $5, 1, 1, $6) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
            [this.reader, at.topic, at.partition, claim.start, claim.partitionCount, claim.foundCopy ?? null],
          )
        : await this.pool.query<PositionRow>(
            `UPDATE millrace.position
                SET epoch = epoch + 1, copy_epoch = epoch + 1, parking_epoch = epoch + 1, known_copy = $5,
                    updated_at = now()
              WHERE reader = $1 AND topic = $2 AND partition = $3 AND epoch = $4 RETURNING ${COLUMNS}`,
            [this.reader, at.topic, at.partition, claim.previous, claim.foundCopy ?? null],
          );
    return rows[0] === undefined ? undefined : storedPosition(rows[0]);
  }

  async commit(
    at: TopicPartition,
    advance: Advance,
    effects: (tx: PoolClient) => Promise<void>,
  ): Promise<void> {
    const work = async (client: PoolClient) => {
      // First, because it locks the row: a member that was fenced must not run its effects at all, and a stop that is there
      // stays until the commit, whatever is decided elsewhere in the meantime.
      const { rows } = await client.query<{ stop_at: bigint | null }>(
        `UPDATE millrace.position
            SET next_offset = $6, last_timestamp = $7, last_identity = $8, updated_at = now(), problem = NULL
          WHERE reader = $1 AND topic = $2 AND partition = $3 AND epoch = $4 AND next_offset = $5
        RETURNING stop_at,
                  CASE WHEN $9 AND stop_at IS NOT NULL THEN set_config('synchronous_commit', 'off', true) END`,
        [
          this.reader,
          at.topic,
          at.partition,
          advance.epoch,
          advance.from,
          advance.to,
          advance.last?.timestampMs ?? null,
          advance.last?.identity ?? null,
          this.options.commitsLateBelowStop ?? false,
        ],
      );
      const row = rows[0];
      if (row === undefined) {
        throw new FencedError(this.reader, at, { epoch: advance.epoch, nextOffset: advance.from });
      }
      if (row.stop_at !== null && row.stop_at < advance.to) {
        throw new StopReachedError(this.reader, at, row.stop_at);
      }
      crashPoint('position-moved');
      await effects(client);
      crashPoint('effects-written');
    };
    await inTransaction(this.pool, work);
    crashPoint('position-committed');
  }

  /** Notes why this process stands still in a partition, for whoever watches; the next commit clears it. */
  async noteProblem(at: TopicPartition, problem: StandingProblem): Promise<void> {
    await this.pool.query(
      `UPDATE millrace.position SET problem = $4
        WHERE reader = $1 AND topic = $2 AND partition = $3 AND problem IS DISTINCT FROM $4`,
      [this.reader, at.topic, at.partition, JSON.stringify(problem)],
    );
  }

  classify(error: unknown): StoreFailure {
    return classifyDatabaseFailure(error);
  }
}

function storedPosition(row: PositionRow): StoredPosition {
  const { last_timestamp: timestamp, last_identity: identity, stop_at: stopAt } = row;
  return {
    nextOffset: row.next_offset,
    epoch: row.epoch,
    partitionCount: row.partition_count,
    ...(timestamp === null || identity === null
      ? {}
      : { last: { timestampMs: Number(timestamp), identity } }),
    ...(stopAt === null ? {} : { stopAt }),
  };
}
